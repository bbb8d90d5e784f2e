"""What may be said of how pictures are scored: the settings of the commands, as keyword arguments."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias, TypedDict

from numpy.typing import NDArray

from scanmon.app.settings import Settings, load_settings, with_options
from scanmon.core.documents import checked
from scanmon.core.errors import SettingsError
from scanmon.core.values import GrayImage
from scanmon.scoring.own import OwnScorer

Place: TypeAlias = str | os.PathLike[str]
OwnMetric: TypeAlias = Callable[[GrayImage], NDArray[Any]]
"""(h, w) gray picture of the region, black outside the sector -> (gh, gw) local quality, 0 to 100."""


class BundleOptions(TypedDict, total=False):
    """The settings of `docs/settings.md`, table `[scoring]`, and `config`: a settings file beneath them.

    `metric` may also be a function of your own.
    """

    metric: str | OwnMetric
    organ: str
    region: str
    scale: str
    backend: str
    device: str
    budget: int
    threshold_shift: float
    topk_frac: float
    patch: int
    stride: int
    max_patches: int
    seed: int
    config: Place


class Options(BundleOptions, total=False):
    """The same where the bundle is an option too."""

    bundle: Place


def settings_of(options: Options) -> tuple[Settings, OwnScorer | None]:
    """Checked settings, and the scorer where the metric is the caller's own.

    Raises `SettingsError` that names the argument and what is allowed.
    """
    given: dict[str, Any] = {**options}
    config = given.pop("config", None)
    own = None
    if callable(given.get("metric")):
        own = OwnScorer(given.pop("metric"), given.get("topk_frac"))
    if isinstance(given.get("bundle"), os.PathLike):
        given["bundle"] = os.fspath(given["bundle"])
    scoring = checked(Settings, {"scoring": given}, "the arguments").scoring
    settings = load_settings(None if config is None else Path(config))
    return with_options(settings, {name: getattr(scoring, name) for name in given}), own


def text_of(source: object) -> str:
    """A path or URI. Raises `SettingsError` for anything else."""
    if isinstance(source, str | os.PathLike):
        return os.fsdecode(source)
    raise SettingsError(
        f"{type(source).__name__} is no source", remedy="give a path, a URI or an array of numpy"
    )
