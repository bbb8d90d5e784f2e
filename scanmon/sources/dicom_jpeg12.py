"""JPEG with 12 bits a sample (process 4), which pydicom leaves out: GDCM decodes it, gray pictures alone."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.encaps import generate_frames

from scanmon.sources.picture_size import Size


def frames_of(path: Path, size: Size, indices: range, stated: int) -> Generator[NDArray[Any], None, None]:
    """(H, W) uint16 each. Raises what the parser and GDCM raise on what is damaged."""
    data = pydicom.dcmread(path).PixelData
    for index, coded in enumerate(generate_frames(data, number_of_frames=stated)):
        if index in indices:
            yield _decoded(coded, size)


def _decoded(coded: bytes, size: Size) -> NDArray[np.uint16]:
    import gdcm  # noqa: PLC0415 - slow to load, and rarely needed

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(coded)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((size.width, size.height, 1))
    image.SetDataElement(element)
    gray = gdcm.PhotometricInterpretation.MONOCHROME2
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(gray))
    syntax = gdcm.TransferSyntax.GetTSType(str(pydicom.uid.JPEGExtended12Bit))
    image.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    image.SetPixelFormat(gdcm.PixelFormat(1, 16, 12, 11, 0))
    decoded = image.GetBuffer().encode("utf-8", "surrogateescape")  # it gives bytes as text
    return np.frombuffer(decoded, "<u2").reshape(size.height, size.width)
