"""An engine that goes on when the GPU does not: once with a new engine, then on the CPU, and says so."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.core.ports import Engine
from scanmon.inference.cuda import DeviceLostError

_log = logging.getLogger(__name__)


class FallbackEngine:
    """`first` as long as it runs; after a lost device `first` once more; after any other fault `second`.

    `backend` and `precision` are those of the engine that gave the last result. For one thread at a time.
    """

    def __init__(
        self, first: Callable[[], Engine], second: Callable[[], Engine], *, from_the_start: bool = False
    ) -> None:
        """`from_the_start`: also where `first` cannot be opened, which is an error otherwise."""
        self._first, self._second = first, second
        self._may_retry = True
        self._fell_back = False
        try:
            self._engine = first()
        except EngineError as error:
            if not from_the_start:
                raise
            self._engine, self._fell_back = second(), True
            _log.warning("%s; %s goes on", error, self._engine.backend)

    @property
    def backend(self) -> str:
        """Of the engine in use."""
        return self._engine.backend

    @property
    def precision(self) -> str:
        """Of the engine in use."""
        return self._engine.precision

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """One pass on whichever engine works. Raises `EngineError` where none does."""
        while True:
            try:
                return self._engine.run(pixels)
            except EngineError as error:
                if self._fell_back:
                    raise
                self._replace(error)

    def close(self) -> None:
        """Close the engine in use."""
        self._engine.close()

    def _replace(self, error: EngineError) -> None:
        name = self._engine.backend
        self._close_broken()
        if isinstance(error, DeviceLostError) and self._may_retry:
            self._may_retry = False
            try:
                self._engine = self._first()
            except EngineError as again:
                error = again
            else:
                _log.warning("%s was lost and started again (%s)", name, error)
                return
        self._engine, self._fell_back = self._second(), True
        _log.warning("%s failed (%s): %s takes its place", name, error, self._engine.backend)

    def _close_broken(self) -> None:
        try:
            self._engine.close()
        except EngineError as error:  # what is lost cannot be given back
            _log.info("closing a failed engine: %s", error)
