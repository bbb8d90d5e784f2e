"""What the analysis thread of a monitor does: frame after frame is scored, and given to the sinks."""

import logging
import time
from contextlib import suppress
from dataclasses import replace

from scanmon.core.errors import SettingsError
from scanmon.core.ports import FrameAnalyzer, LiveSource
from scanmon.core.roi import RoisIn, measured
from scanmon.core.values import Analysis, Frame
from scanmon.runtime.ahead import FOLLOWS_S, Ahead
from scanmon.runtime.continuity import LIVE_S, LOOK_S, Silence, discontinuous, outdated, without_late
from scanmon.runtime.mailbox import Closed, Mailbox
from scanmon.runtime.outputs import Outputs
from scanmon.runtime.playback import Playback
from scanmon.runtime.process import give_way
from scanmon.runtime.state import MonitorState

logger = logging.getLogger(__name__)
FAILED_IN_A_ROW = 5  # passes of the engine, after which it is taken for broken


class AnalysisLoop:
    """`run` on a thread of its own; `rois` and `score_shown_again` from any.

    `ahead` chooses among the frames of a recording that is scored whole; `spare` takes its place once the
    analyzer is another one than at first.
    """

    def __init__(
        self,
        state: MonitorState,
        inbox: Mailbox[Frame],
        outputs: Outputs,
        playback: Playback | None,
        live: LiveSource | None,
        silence: Silence,
        ahead: Ahead | None,
        spare: Ahead | None,
    ) -> None:
        self._state, self._inbox, self._outputs = state, inbox, outputs
        self._playback, self._live, self._silence = playback, live, silence
        self._gaps = 0  # of the live source, when its last picture was scored
        self.ahead, self._spare = ahead, spare
        self._arrived: Frame | None = None  # of a recording, the picture that is shown
        self._alone = False  # it is scored without those before it
        self.rois: RoisIn | None = None  # regions of interest of the user: set at once, so without a lock
        self._rois_in_use: RoisIn | None = None
        self.unmeasured: SettingsError | None = None  # why they could not be measured in a picture
        self.some_measured = False  # they were in another

    def run(self) -> None:
        """Until the inbox is closed; then analyzer and sinks are closed too."""
        analyzer: FrameAnalyzer | None = None
        last: Frame | None = None
        if self._live:
            give_way()
        try:
            while True:
                analyzer = self._renewed(analyzer)
                self._move_thresholds(analyzer)
                self._take_rois()
                self._outputs.close_leaving()
                frame = self._inbox.get(self._patience_s(analyzer))
                if self.ahead is not None:
                    frame = self._of_recording(self.ahead, frame, analyzer)
                if frame is None or analyzer is None:
                    self._withdraw(analyzer)
                    continue
                self._silence.heard(frame)
                if self._alone or (last is not None and self._breaks_off(last, frame)):
                    analyzer.reset()
                last = frame
                self._state.pass_began()
                try:
                    analysis = analyzer.analyze(frame)
                except Exception as error:
                    if self._pass_failed(frame, error):
                        analyzer.close()
                        analyzer = None
                    continue
                self._pass_succeeded(analysis)
        except Closed:
            self._state.finished()
        finally:
            self._outputs.close_all()  # first: whatever becomes of the engine, a recording is whole
            if analyzer:
                analyzer.close()
            if self.ahead:
                self.ahead.close()

    def _breaks_off(self, last: Frame, frame: Frame) -> bool:
        """Whether `frame` is of another scene than `last`; a live source that was lost comes back as one."""
        if self._live is None:
            return discontinuous(last, frame)
        gaps, self._gaps = self._gaps, self._live.gaps
        return self._gaps != gaps or discontinuous(last, frame, LIVE_S)

    def _patience_s(self, analyzer: FrameAnalyzer | None) -> float | None:
        """How long to wait for a frame; None: until there is one."""
        if self._live:
            return LOOK_S
        playing = self._playback is not None and self._playback.state.playing
        if self.ahead is not None and self._arrived is not None and analyzer is not None:
            again = not playing and self.ahead.rests_on_others(self._arrived.index)
            if again or self.ahead.share < 1.0:
                return 0.0
        return LOOK_S if playing else None

    def _of_recording(
        self, ahead: Ahead, arrived: Frame | None, analyzer: FrameAnalyzer | None
    ) -> Frame | None:
        """The frame of a recording to be scored now; what is known of the one that is shown is published."""
        if arrived is not None:
            self._arrived = arrived
            known = ahead.of(arrived)
            if known is not None:
                self._publish(known)
        shown = self._arrived
        if shown is None or analyzer is None:
            return None
        paused = self._playback is not None and not self._playback.state.playing
        self._alone = paused and ahead.scores_alone(shown.index)
        chosen = shown.index if self._alone else ahead.choose(shown.index)
        if chosen is None or chosen == shown.index:
            return None if chosen is None else shown
        try:
            return ahead.frame(chosen)
        except Exception as error:
            self._state.pass_failed(error)
            ahead.gave_up(chosen)
            return None

    def _withdraw(self, analyzer: FrameAnalyzer | None) -> None:
        """Publish the last picture once more without its score when pictures have stopped."""
        analysis = self._state.analysis
        if self._live is None or analyzer is None or analysis is None:
            return
        if not any(reading.scored for reading in analysis.readings):
            return
        if self._live.state == "reconnecting" or self._silence.lasts(time.monotonic()):
            self._publish(outdated(analysis, analyzer.provenance))

    def _renewed(self, analyzer: FrameAnalyzer | None) -> FrameAnalyzer | None:
        """The analyzer to use now: a new one where `use` asked for it."""
        open_analyzer = self._state.take_wanted()
        if open_analyzer is None:
            return analyzer
        if analyzer:
            analyzer.close()
        try:
            analyzer = open_analyzer()
        except Exception as error:
            self._scoring_failed(error)
            return None
        if self.ahead is not None:
            self.ahead.forget(scores=True)  # before anybody sees that the new one is ready
        if self._state.opened(analyzer.provenance):
            self.ahead = self.ahead or self._spare
        if self._playback is not None:
            self._playback.begin()
        self.score_shown_again()
        return analyzer

    def _move_thresholds(self, analyzer: FrameAnalyzer | None) -> None:
        if analyzer is None:
            return
        points = self._state.take_shift()
        if points is None:
            return
        analyzer.shift_thresholds(points)
        self._state.thresholds_moved(analyzer.provenance)
        if self.ahead is not None:
            self.ahead.forget(scores=False)
        self.score_shown_again()

    def _take_rois(self) -> None:
        if self.rois is not self._rois_in_use:
            self._rois_in_use, self.unmeasured, self.some_measured = self.rois, None, False
            self._state.forget_measures()

    def score_shown_again(self) -> None:
        """Score the picture on the screen anew, as no new frame may come while paused."""
        frame = self._state.frame
        if frame is not None and self._playback is not None and not self._playback.state.playing:
            with suppress(Closed):
                self._inbox.put(frame)

    def _pass_failed(self, frame: Frame, error: Exception) -> bool:
        """One frame without a score; True where scoring ends: the settings are wrong, or it always fails."""
        if self.ahead:
            self.ahead.gave_up(frame.index)
        if self._state.pass_failed(error) < FAILED_IN_A_ROW and not isinstance(error, SettingsError):
            return False
        self._scoring_failed(error)
        return True

    def _pass_succeeded(self, analysis: Analysis) -> None:
        self._state.pass_succeeded()
        shown = self._arrived
        if self.ahead is None or shown is None:
            self._publish(without_late(analysis) if self._live else analysis)
            return
        analysis = self.ahead.keep(analysis, alone=self._alone)
        behind_s = shown.time_s - analysis.frame.time_s
        if 0 <= behind_s <= FOLLOWS_S:
            self._publish(analysis)
        else:
            self._state.scored(analysis, published=False)

    def _scoring_failed(self, error: Exception) -> None:
        self._state.scoring_failed(error)
        if self._playback is not None:
            self._playback.begin()

    def _publish(self, analysis: Analysis) -> None:
        self._take_rois()  # once more: a picture is put anew when others are chosen
        rois = self._rois_in_use
        self._state.made_by(analysis.provenance)
        if rois is not None:
            pixels = analysis.frame.pixels
            try:
                analysis = replace(analysis, roi=measured(pixels, rois(*pixels.shape)))
                self.some_measured = True
            except SettingsError as error:  # it reaches over a picture of this size: nothing is measured
                if self.unmeasured is None:
                    logger.warning("%s", error)
                self.unmeasured = error
        self._outputs.write(analysis)
        self._state.scored(analysis, published=True)
