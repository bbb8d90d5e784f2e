"""Composition of sessions: what records them, scores them again and compares, opens them for an export."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean

from scanmon import __version__
from scanmon.app.analyzers import new_text_finder, open_analyzer, plan_of_session
from scanmon.app.demo import DEMO
from scanmon.app.settings import Settings
from scanmon.core.documents import checked
from scanmon.core.errors import SettingsError
from scanmon.core.values import Frame, Provenance, Reading
from scanmon.runtime.continuity import discontinuous
from scanmon.session import layout
from scanmon.session.content import SessionContent
from scanmon.session.export import PAGES, Material, export
from scanmon.session.privacy import plain_values
from scanmon.session.reader import is_session, parts_of, read_session
from scanmon.session.recorder import Options, Recorder
from scanmon.session.store import About
from scanmon.sources.material import DICOM, VIDEOS
from scanmon.sources.scheme import scheme_of
from scanmon.sources.session import SessionRecording

Progress = Callable[[int, int], None]  # done, all
ExportPage = Callable[[Sequence[Material], Path, Progress], None]


def make_recorder(
    root: Path, source: str, settings: Settings, options: Options | None = None, rate_hz: float | None = None
) -> Recorder:
    """A recorder of `source` into folders below `root`; `start` begins. Add it to the monitor's sinks."""
    about = About(
        source_kind=kind_of(source),
        software=f"scanmon {__version__}",
        rate_hz=rate_hz,
        settings=asdict(settings),
    )
    finder = new_text_finder() if settings.recording.mask_text else None
    return Recorder(root, about, options, finder)


def kind_of(source: str) -> str:
    """The kind of a source, one word: never a path or a name."""
    path = Path(source)
    if source == DEMO:
        return "demo"
    if not path.exists() and (scheme := scheme_of(source)) is not None:
        return scheme
    if path.is_dir():
        return "session" if is_session(path) else "images"
    suffix = path.suffix.lower()
    return "dicom" if suffix in DICOM else "video" if suffix in VIDEOS else "file"


def open_session(folder: Path) -> SessionRecording:
    """A session by its folder, also one that is being recorded. Raises `SourceError` or `SettingsError`."""
    _check(folder)
    return SessionRecording(folder)


def open_recorded_scores(folder: Path) -> SessionContent:
    """All of a session but its pictures. Raises `SourceError` or `SettingsError`."""
    _check(folder)
    return read_session(folder)


def export_session(
    folder: Path, to: Path, progress: Progress = lambda done, everything: None, page: ExportPage | None = None
) -> None:
    """Write a session in the form that the ending of `to` asks for. Raises `ScanmonError` of several kinds.

    `page` writes .pdf and .png, of all recordings that the session was split into. An exception that
    `progress` raises cancels, and leaves nothing behind.
    """
    _check(folder)
    with ExitStack() as opened:
        if page is not None and to.suffix.lower() in PAGES:
            page([_material(part, opened) for part in parts_of(folder)], to, progress)
        else:
            export(_material(folder, opened), to, progress)


def _material(folder: Path, opened: ExitStack) -> Material:
    if not (folder / layout.VIDEO).exists():
        return Material(read_session(folder), None)
    recording = opened.enter_context(closing(SessionRecording(folder)))
    return Material(recording.content, recording)


def _check(folder: Path) -> None:
    if not is_session(folder):
        raise SettingsError("is no recorded session", folder, f"name a folder with {layout.STORE}")


def session_settings(content: SessionContent) -> Settings:
    """The settings that a session was recorded with, as far as they are stored. Raises `SettingsError`.

    Not the files that it names: another's session does not choose which bundle or region file is opened here.
    """
    settings = checked(Settings, plain_values(content.about.get("settings") or {}), content.name)
    scoring = settings.scoring
    written = re.fullmatch(r"auto|full|[-\d, ]+", scoring.region or "")
    region = scoring.region if written else None
    return replace(settings, scoring=replace(scoring, bundle="default", region=region))


def verify(
    recording: SessionRecording, settings: Settings, progress: Progress = lambda done, frames: None
) -> tuple[Differences, Provenance]:
    """Score every analysed picture again, in its order and with its times; also says what scored it again.

    Raises as `open_analyzer`.
    """
    content = recording.content
    comparison = Comparison()
    with closing(open_analyzer(settings, plan_of_session(content))) as analyzer:
        last: Frame | None = None
        for frame in recording.frames_as_captured():
            recorded = content.reading(int(content.pictures[frame.index]))
            if recorded is None:
                continue  # it was never analysed
            if last is not None and discontinuous(last, frame):
                analyzer.reset()
            last = frame
            comparison.add(recorded, analyzer.analyze(frame).reading)
            progress(frame.index + 1, len(content.pictures))
        return comparison.result(), analyzer.provenance
    raise AssertionError("unreachable: closing does not swallow errors")


@dataclass(frozen=True, slots=True)
class Differences:
    """What `scanmon verify` reports. Differences are absolute; 0 where nothing was compared."""

    compared: int  # frames that both have scored
    largest_score: float
    mean_score: float
    largest_quality: float
    mean_quality: float
    changed_verdicts: int
    only_recorded: int  # scored then, suspended now
    only_again: int  # suspended then, scored now
    worst_frame: int | None  # where the scores differ most


class Comparison:
    """Takes pairs of readings, gives their differences."""

    def __init__(self) -> None:
        self._scores: list[float] = []
        self._qualities: list[float] = []
        self._changed = self._only_recorded = self._only_again = 0
        self._worst: tuple[float, int] | None = None

    def add(self, recorded: Reading, again: Reading) -> None:
        if recorded.score is None or again.score is None:
            self._only_recorded += recorded.score is not None
            self._only_again += again.score is not None
            return
        difference = abs(recorded.score - again.score)
        self._scores.append(difference)
        if recorded.quality is not None and again.quality is not None:
            self._qualities.append(abs(recorded.quality - again.quality))
        self._changed += recorded.verdict != again.verdict
        if self._worst is None or difference > self._worst[0]:
            self._worst = (difference, recorded.frame)

    def result(self) -> Differences:
        return Differences(
            compared=len(self._scores),
            largest_score=max(self._scores, default=0.0),
            mean_score=fmean(self._scores or [0.0]),
            largest_quality=max(self._qualities, default=0.0),
            mean_quality=fmean(self._qualities or [0.0]),
            changed_verdicts=self._changed,
            only_recorded=self._only_recorded,
            only_again=self._only_again,
            worst_frame=None if self._worst is None else self._worst[1],
        )
