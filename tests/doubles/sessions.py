"""Sessions of pictures with a sector and writing beside it, scored by their mean level; how to spoil them."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from scanmon.core.errors import ScanmonError, SourceError
from scanmon.core.values import Analysis, Box, EngineName, Frame, Provenance, Region
from scanmon.scoring.analyzer import Analyzer, Judge
from scanmon.session import layout
from scanmon.session.recorder import Options, Recorder
from scanmon.session.store import About
from scanmon.sources.session import SessionRecording
from tests.doubles.scenes import LINEAR, PATIENCE_S, Fixed, MeanScorer, NamedEngine

ENGINE = EngineName("numpy", "fp64")
PROVENANCE = Provenance("DOE JANE.dcm", "tiny-1", (ENGINE,))
ABOUT = About("video", software="scanmon test", rate_hz=25.0, settings={"scoring": {"metric": "map"}})
HEIGHT, WIDTH = 91, 121  # odd on purpose: H.264 cannot hold these sizes as they are
SECTOR = Box(11, 21, 91, 61)
NO_FLOOR = 0  # bytes that must be free: none


def sector() -> Region:
    mask = np.zeros((SECTOR.height, SECTOR.width), np.uint8)
    cv2.ellipse(mask, (45, 0), (45, 60), 0, 0, 180, 1, -1)
    return Region(SECTOR, mask.astype(bool), ((11.0, 21.0),), "sector", "detected")


def frame(index: int, seed: int = 0, size: tuple[int, int] = (HEIGHT, WIDTH)) -> Frame:
    """Speckle everywhere, brighter with time, and white bars outside the sector where scanners write."""
    noise = np.random.default_rng(1000 * seed + index).normal(60 + index, 20, size)
    pixels = np.clip(cv2.GaussianBlur(noise, (0, 0), 1.5), 0, 250).astype(np.uint8)
    pixels[2:12, 5:100] = 255
    pixels[-5:, :] = 255
    pixels.setflags(write=False)
    return Frame(pixels, index, index / 25, 100.0 + index / 25)


def frames(count: int) -> Iterator[Frame]:
    return (frame(index) for index in range(count))


def analyzer() -> Analyzer:
    judge = Judge(MeanScorer(), LINEAR, NamedEngine(ENGINE))
    return Analyzer([judge], Fixed(sector()), provenance=PROVENANCE)


def scored(*numbers: int) -> Iterator[Analysis]:
    """Results of the frames with these numbers."""
    score = analyzer()
    return (score.analyze(frame(number)) for number in numbers)


def analyses(count: int) -> Iterator[Analysis]:
    return scored(*range(count))


def recorder(root: Path, **options: object) -> Recorder:
    """One that waits for its encoder, so that tests lose nothing."""
    given = {"wait": True, "free_bytes": NO_FLOOR, **options}
    return Recorder(root, ABOUT, Options(**given))  # type: ignore[arg-type]


@contextmanager
def recording(root: Path, **options: object) -> Iterator[Recorder]:
    """A recorder that has begun a session; closed at the end."""
    with closing(recorder(root, **options)) as keeper:
        keeper.start()
        yield keeper


def only(root: Path) -> Path:
    """The folder of the one session there."""
    (folder,) = root.iterdir()
    return folder


def begun(root: Path, count: int = 1, **options: object) -> tuple[Recorder, Path]:
    """A recorder whose session has `count` frames on the disk, and the folder."""
    keeper = recorder(root, **options)
    keeper.start()
    for analysis in analyses(count):
        give(keeper, analysis)
    assert keeper.flush(PATIENCE_S)
    return keeper, only(root)


def give(keeper: Recorder, analysis: Analysis) -> None:
    """A frame, and at once its result."""
    keeper.capture(analysis.frame)
    keeper.write(analysis)


def written(root: Path, given: Iterable[Analysis], **options: object) -> Path:
    """A session of results; its folder."""
    with recording(root, **options) as keeper:
        for analysis in given:
            give(keeper, analysis)
    return only(root)


def record(root: Path, count: int, **options: object) -> Path:
    """A session of `count` frames, all analysed; its folder."""
    return written(root, analyses(count), **options)


def changed(session: Path, tmp_path: Path, *statements: str) -> Path:
    """A copy of a session in whose store these statements of SQL were run."""
    copy = Path(shutil.copytree(session, tmp_path / "run"))
    with closing(sqlite3.connect(copy / layout.STORE)) as store, store:
        for statement in statements:
            store.execute(statement)
    return copy


Spoil = Callable[[Path], object]


def overwrite(name: str, data: str | bytes) -> Spoil:
    """Put something else in the place of a file."""
    return lambda folder: (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def cut(name: str) -> Spoil:
    """Half of a file is left."""

    def spoil(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return spoil


def refused_by_name(folder: Path, spoil: Spoil, name: str) -> None:
    """A spoilt session is an error of one line that names the file."""
    spoil(folder)
    with pytest.raises(SourceError) as failed:
        SessionRecording(folder)
    assert name in str(failed.value)
    assert "\n" not in str(failed.value)


def played_or_refused(folder: Path, names: Sequence[str], seed: int) -> str:
    """Overwrite bytes of one file by chance, then play the session: whether it was `played` or `refused`."""
    dice = np.random.default_rng(seed)
    path = folder / names[seed % len(names)]
    whole = path.read_bytes()
    data = bytearray(whole)
    for place in dice.integers(0, len(data), 8):
        data[place] = int(dice.integers(256))
    path.write_bytes(data)
    try:
        with closing(SessionRecording(folder)) as played:
            for picture in played:
                row = int(played.content.pictures[picture.index])
                played.content.heatmap(row)
                played.content.region(row)
    except ScanmonError as error:
        assert "\n" not in str(error)
        return "refused"
    finally:
        path.write_bytes(whole)
    return "played"


def most_are_played_or_refused(
    folder: Path, names: Sequence[str], told: Callable[[str, object], None]
) -> None:
    """Fifteen hundred damaged sessions, and each of both happens."""
    results = Counter(played_or_refused(folder, names, seed) for seed in range(1500))
    assert results["played"] > 100
    assert results["refused"] > 100
    told("results", dict(results))
