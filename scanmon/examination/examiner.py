"""The sink that carries an examination through: each analysis moves it on, and changes are told."""

import threading
from collections.abc import Callable
from typing import Any

from scanmon.core.values import Analysis
from scanmon.examination.examination import Examination


class Examiner:
    """A `Sink`. `write` on the analysis thread, everything else from any thread; nothing waits.

    `keep` gets the record whenever it changes, and `name` the view that rows belong to from then on, empty
    after the end. Both return at once.
    """

    def __init__(
        self, examination: Examination, keep: Callable[[dict[str, Any]], None], name: Callable[[str], None]
    ) -> None:
        self._lock = threading.Lock()
        self._now = examination
        self._keep, self._name = keep, name
        self._kept = examination.record()
        keep(self._kept)
        name(examination.progress.view.name)

    @property
    def now(self) -> Examination:
        with self._lock:
            return self._now

    def write(self, analysis: Analysis) -> None:
        self.change(lambda now: now.offered(analysis))

    def close(self) -> None:
        """The source has ended, which does not end the examination: nobody said that it was done."""

    def change(self, step: Callable[[Examination], Examination]) -> None:
        """What the user asks for: `Examination.skipped`, `retaken`, `finished` and so on."""
        with self._lock:
            before, self._now = self._now, step(self._now)
            now = self._now
            if now.current != before.current or now.ended != before.ended:
                self._name("" if now.ended else now.progress.view.name)
            if now.views is not before.views or now.ended != before.ended:
                record = now.record()
                if record != self._kept:
                    self._kept = record
                    self._keep(record)
