"""The metrics as differentiable terms for PyTorch: `Ulpips` with a reference, `SoftNrq` without."""

from scanmon.lab.losses.nrq import SoftNrq
from scanmon.lab.losses.ulpips import Ulpips

__all__ = ["SoftNrq", "Ulpips"]
