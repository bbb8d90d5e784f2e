"""What the window needs of the rest: settings in force; monitors, scorings and recorders made from them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from scanmon.app.analyzers import without_text
from scanmon.app.opening import open_monitor, scoring_of
from scanmon.app.run import Own, Run
from scanmon.app.sessions import make_recorder
from scanmon.app.settings import Settings
from scanmon.core.values import Analysis
from scanmon.runtime.monitor import Monitor
from scanmon.runtime.state import OpenAnalyzer
from scanmon.session.recorder import Options, Recorder
from scanmon.sources.devices import list_devices
from scanmon.ui.setup.remembered import RememberedRegions
from scanmon.ui.state.texts import translate

OpenRun = Callable[[Run], Monitor]


class MonitorFactory:
    """Holds the settings in force. `open`, and the analyzers that it names, may take seconds.

    `run` holds for the first source that is opened; what is opened later has the settings of that time.
    """

    def __init__(
        self, run: Run, sessions: Path, remembered: RememberedRegions, open_monitor: OpenRun = open_monitor
    ) -> None:
        self.settings = run.settings
        self.recorder_of_run: Recorder | None = None  # once its source is open
        self._run, self._first = run, True
        self._sessions = sessions
        self._remembered = remembered
        self._open_monitor = open_monitor

    def open(self, source: str) -> Monitor:
        """A monitor of a path or URI. Raises `ScanmonError`."""
        first, self._first = self._first, False
        if not first or source != self._run.source:
            return self._open_monitor(self._later(source, self.settings))
        monitor = self._open_monitor(self._run)
        self.recorder_of_run = monitor.find_sink(Recorder)
        return monitor

    def open_beside(self, source: str) -> Monitor:
        """A second recording, in the region that was drawn for it and not in that of the first."""
        scoring = self.settings.scoring
        region = scoring.region if scoring.region in ("auto", "full") else None
        settings = replace(self.settings, scoring=replace(scoring, region=region))
        monitor = self._open_monitor(self._later(source, settings))
        playback = monitor.playback
        if playback is not None and region is None:
            size = playback.info.width, playback.info.height
            drawn = self._remembered.path(source, size)
            if drawn.is_file():
                settings = replace(settings, scoring=replace(settings.scoring, region=str(drawn)))
                monitor.use(_scoring(settings, source, monitor))
        return monitor

    def _later(self, source: str, settings: Settings) -> Run:
        """A run that the user asks for in the window; what a program brought along is still its own."""
        own = self._run.own if source == self._run.source else Own()
        return Run(source, settings, live=False if own.recording else None, own=own)

    def devices(self) -> list[tuple[str, str, str]]:
        """Capture devices as (URI, name, formats); none of them is opened."""
        found = list_devices()
        taken = translate("MonitorFactory", "in use by another program")
        return [(f"grabber:{one.id}", one.name, taken if one.in_use else one.address) for one in found]

    def analyzer(self, source: str, monitor: Monitor) -> OpenAnalyzer:
        """Scores of the settings in force, for a source that is already open."""
        return _scoring(self.settings, source, monitor)

    def recorder(self, monitor: Monitor, source: str, past_s: float) -> Recorder:
        """A recorder for a monitor; the monitor closes it with its other sinks."""
        info = monitor.snapshot().info
        options = Options(past_s=past_s if monitor.playback is None else 0.0)
        rate_hz = info.rate_hz if info else None
        return make_recorder(self._sessions, source, self.settings, options, rate_hz)

    def cleared(self, analysis: Analysis) -> Analysis:
        """The picture without its letters, where the settings ask for that."""
        return without_text(analysis) if self.settings.recording.mask_text else analysis


def _scoring(settings: Settings, source: str, monitor: Monitor) -> OpenAnalyzer:
    recording = monitor.playback.recording if monitor.playback else None
    return scoring_of(Run(source, settings, score_again=True), recording)
