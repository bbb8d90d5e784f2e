"""What the window needs of the rest: settings in force; monitors, scorings and recorders made from them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scanmon.app.analyzers import Plan, analyzer_of_recording, open_analyzer
from scanmon.app.opening import open_monitor
from scanmon.app.sessions import make_recorder
from scanmon.app.settings import Settings
from scanmon.runtime.monitor import Monitor, OpenAnalyzer
from scanmon.session.recording import Options, Recorder
from scanmon.sources.devices import list_devices
from scanmon.ui.state.texts import translate


class MonitorFactory:
    """Holds the settings of the session at hand. `open` and what the factories do may take seconds."""

    def __init__(
        self, settings: Settings, sessions: Path, open_first: Callable[[str], Monitor] | None = None
    ) -> None:
        self.settings = settings
        self._sessions = sessions
        self._open_first = open_first

    def open(self, source: str) -> Monitor:
        """A monitor of a path or URI. Raises `ScanmonError`."""
        open_first, self._open_first = self._open_first, None
        if open_first is not None:  # what the command said holds for its own source alone
            return open_first(source)
        return open_monitor(source, self.settings)

    def devices(self) -> list[tuple[str, str, str]]:
        """Capture devices as (URI, name, formats); none of them is opened."""
        found = list_devices()
        taken = translate("MonitorFactory", "in use by another program")
        return [(f"grabber:{one.id}", one.name, taken if one.in_use else one.address) for one in found]

    def analyzer(self, source: str, monitor: Monitor) -> OpenAnalyzer:
        """Scores of the settings in force, for a source that is already open."""
        settings, playback = self.settings, monitor.playback
        if playback is None:
            return lambda: open_analyzer(settings, Plan(source, both=True, paced=True))
        recording, plan = playback.recording, Plan(playback.info.name, both=True)
        return lambda: analyzer_of_recording(recording, settings, plan, again=True)

    def recorder(self, monitor: Monitor, source: str, past_s: float) -> Recorder:
        """A recorder for a monitor; the monitor closes it with its other sinks."""
        info = monitor.snapshot().info
        options = Options(past_s=past_s if monitor.playback is None else 0.0)
        rate_hz = info.rate_hz if info else None
        return make_recorder(self._sessions, source, self.settings, options, rate_hz)
