"""What a fault gives back."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Faulty pictures (g, k, H, W), float, not yet cut to 0..255.

    `left`: share of the light that is left at each place, same shape, for faults that take light away.
    """

    gray: Tensor
    left: Tensor | None = None
