"""Simulated pictures made by other processes beside the training, taken whenever some are ready."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor

import cv2
import numpy as np

from tools.training.phantom import phantom, scan_convert, scanned
from tools.training.pictures import Picture

_FIRST_UNSEEN = 10_000
OF_SCANNER = 0.85
"""Share of the simulated scanner's pictures; more that are all speckle teach that noise is clean."""


def simulated(seed: int) -> Picture:
    rng = np.random.default_rng((77, seed))
    if rng.random() < OF_SCANNER:
        return scanned(rng)
    flat = phantom(rng)
    return scan_convert(flat, rng) if rng.random() < 0.6 else flat


def unseen(count: int) -> Iterator[Picture]:
    """So many simulated pictures that no training made."""
    return (simulated(_FIRST_UNSEEN + number) for number in range(count))


def _begin() -> None:
    cv2.setNumThreads(1)
    os.nice(10)


class Simulation:
    """Makes `count` pictures in `processes` processes. Where none can be started, there are no pictures."""

    def __init__(self, count: int, processes: int) -> None:
        self._pool = ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), _begin)
        self._waiting: list[Future[Picture]] = [self._pool.submit(simulated, n) for n in range(count)]

    def ready(self) -> list[Picture]:
        """What has been made since the last call."""
        done = [job for job in self._waiting if job.done()]
        self._waiting = [job for job in self._waiting if not job.done()]
        return [job.result() for job in done if job.exception() is None]

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
