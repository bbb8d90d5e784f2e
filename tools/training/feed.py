"""Batches, made by one worker process beside the training, so that it never waits for an augmentation.

Batch number n depends on the seed and n alone: a training that was stopped goes on with the batches that
it would have had.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Full

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.training.phantom import phantom, scan_convert, scanned
from tools.training.pictures import Picture, training_pictures
from tools.training.views import Layout, group

PHANTOMS = 120
SCANNED = 90
BENT_OF_EACH_ORGAN = 70


class Pool:
    """Clean pictures of all organs, some bent into sectors, and phantoms; drawn with fixed odds."""

    def __init__(self, data: Path, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._by_organ: dict[str, list[Picture]] = {}
        for picture in training_pictures(data):
            self._by_organ.setdefault(picture.organ, []).append(picture)
        self._bent = [
            scan_convert(pictures[int(index)], rng)
            for pictures in self._by_organ.values()
            for index in rng.integers(len(pictures), size=BENT_OF_EACH_ORGAN)
        ]
        simulated = [phantom(rng) for _ in range(PHANTOMS)]
        self._phantoms = [scan_convert(p, rng) if rng.random() < 0.6 else p for p in simulated]
        self._scanned = [scanned(rng) for _ in range(SCANNED)]

    def draw(self, rng: np.random.Generator) -> Picture:
        """One picture: 64 % as acquired (organs evenly), 20 % bent into a sector, 16 % simulated.

        More phantoms that are all speckle (4 %) teach that a picture drowned in noise is clean.
        """
        kind = rng.random()
        if kind < 0.64:
            pictures = self._by_organ[str(rng.choice(list(self._by_organ)))]
        elif kind < 0.84:
            pictures = self._bent
        else:
            pictures = self._scanned if kind < 0.96 else self._phantoms
        return pictures[int(rng.integers(len(pictures)))]


Batch = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]


def batch(pool: Pool, layout: Layout, seed: int, number: int, groups: int) -> Batch:
    """Batch `number`: pictures (groups*7, H, W), severity and weight (groups*7, h, w)."""
    rng = np.random.default_rng((seed, number))
    made = [group(pool.draw(rng), layout, rng) for _ in range(groups)]
    return (
        np.concatenate([g.pictures for g in made]),
        np.concatenate([g.severity for g in made]),
        np.concatenate([g.weight for g in made]),
    )


def _work(queue: Queue[Batch], data: Path, layout: Layout, seed: int, first: int, groups: int) -> None:
    cv2.setNumThreads(1)
    pool = Pool(data, seed)
    training, number = multiprocessing.parent_process(), first
    while True:
        made = batch(pool, layout, seed, number, groups)
        while True:
            try:
                queue.put(made, timeout=5)
                break
            except Full:
                if (
                    training is None or not training.is_alive()
                ):  # it was stopped: nobody takes batches any more
                    queue.cancel_join_thread()
                    return
        number += 1


def batches(data: Path, layout: Layout, seed: int, first: int, groups: int) -> Iterator[Batch]:
    """Endless batches from number `first` on; the worker ends with this process."""
    context = multiprocessing.get_context("spawn")
    queue: Queue[Batch] = context.Queue(maxsize=6)
    worker = context.Process(target=_work, args=(queue, data, layout, seed, first, groups), daemon=True)
    worker.start()
    while True:
        yield queue.get(timeout=300)
