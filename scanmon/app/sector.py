"""The sector network of the package, put to work for region and signal."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from scanmon.core.ports import RegionFinder
from scanmon.inference.onnx import OnnxEngine
from scanmon.picture.region import AutoRegion, Looker, given_region

OTHER_VIEW = "other"


@lru_cache(maxsize=1)
def _network() -> bytes:
    return (files("scanmon.picture") / "sector.onnx").read_bytes()


def new_looker() -> Looker:
    """A looker for one thread: one core for two milliseconds a look. Raises `EngineError`."""
    return Looker(OnnxEngine(_network(), "fp32", threads=1, batch=1))


def region_finder(option: str, looker: Looker | None = None) -> RegionFinder:
    """What `--region auto|other|full|X,Y,W,H|FILE` asks for; `other`: the smaller or right one of two views.

    Raises `SettingsError` with what is possible.
    """
    if option in ("auto", OTHER_VIEW):
        return AutoRegion(looker or new_looker(), view=int(option == OTHER_VIEW))
    return given_region(option)
