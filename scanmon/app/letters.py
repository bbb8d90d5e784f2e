"""The network of the package that finds burned-in letters, put to work."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files

from scanmon.core.values import Analysis
from scanmon.inference.onnx import OnnxEngine
from scanmon.picture.text import TextFinder, blank


def new_text_finder() -> TextFinder:
    """For one thread: some 16 ms of one core for an image of 800 x 600. Raises `EngineError`."""
    network = (files("scanmon.picture") / "text.onnx").read_bytes()
    return TextFinder(OnnxEngine(network, "fp32", threads=1, batch=1))


def without_text(analysis: Analysis) -> Analysis:
    """The same with letters inside its region black. Raises `EngineError`."""
    pixels = analysis.frame.pixels.copy()
    blank(pixels, new_text_finder().letters(analysis.frame.pixels, analysis.region.box))
    return replace(analysis, frame=replace(analysis.frame, pixels=pixels, colour=None))
