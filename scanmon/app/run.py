"""What a command line or the window asks for, as one value."""

from dataclasses import dataclass, field
from pathlib import Path

from scanmon.app.demo import DEMO
from scanmon.app.settings import Settings
from scanmon.core.ports import LiveSource
from scanmon.core.roi import RoisIn
from scanmon.examination.protocol import Protocol
from scanmon.runtime.ahead import OpenRecording
from scanmon.scoring.own import OwnScorer
from scanmon.sources.scheme import scheme_of

Address = tuple[str, int]  # host, port


@dataclass(frozen=True, slots=True)
class Record:
    """A session to be recorded from the first frame on."""

    folder: Path  # the session gets a new folder of its own in it
    lossless: bool = False
    whole_screen: bool = False


@dataclass(frozen=True, slots=True)
class Publish:
    """Servers for other programs; None: not asked for."""

    igtl: Address | None = None
    metrics: Address | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """What a Python program brings along, in place of what its names would open."""

    live: LiveSource | None = None
    recording: OpenRecording | None = None
    metric: OwnScorer | None = None  # without a window


@dataclass(frozen=True, slots=True)
class Run:
    """A source and what is done with it."""

    source: str = ""  # empty: the window begins with its set-up page
    settings: Settings = field(default_factory=Settings)
    headless: bool = False  # no window: all frames of a recording, the newest of a live source, one metric
    live: bool | None = None  # None: what the form of the source says
    own: Own = Own()
    score_again: bool = False  # a recorded session: new scores beside those that it was recorded with
    record: Record | None = None
    publish: Publish = Publish()
    protocol: Protocol | None = None  # of an examination, without a window
    rois: RoisIn | None = None  # measured in every picture, without a window
    seconds: float | None = None  # after which the run ends; None: when the source or the user ends it

    preset: int | None = None  # of the window: its number key
    last: bool = False  # the window begins with the source that was opened last

    @property
    def is_live(self) -> bool:
        if self.live is not None:
            return self.live
        return self.source != DEMO and scheme_of(self.source) is not None and not Path(self.source).exists()
