"""The tokens inside a backbone, which its file does not give out: uLPIPS compares them layer by layer.

The bundle's own network is loaded with other outputs, so that no second copy of its weights has to be
shipped. Its last block is written without tokens (lab/builder/graph.py: nothing else needs them), so they
are put together here from its parts.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scanmon.core.errors import EngineError
from scanmon.inference.onnx import Provider, open_session, session_options
from scanmon.inference.onnx_outputs import FLOAT, with_ports

Floats = NDArray[np.float32]


class TokenEngine:
    """Runs the backbone of a bundle up to the last of `layers` and gives the tokens after each of them.

    Raises `EngineError` where the network was not written by scanmon's builder in full precision.
    """

    def __init__(self, network: bytes, layers: Sequence[int], side_px: int) -> None:
        last = max(layers)
        self._layers, self._last = tuple(layers), last
        block = f"b{last - 1}."
        weight = f"blocks.{last - 1}.mlp.fc2"
        self._names = [f"x{layer}" for layer in layers if layer != last]
        self._parts = [block + "attended", block + "gelu", weight + ".weight", weight + ".bias"]
        shape = ("n", side_px, side_px)
        changed = with_ports(network, ("windows", FLOAT, shape), [*self._names, *self._parts])
        try:
            self._session = open_session(changed, session_options(), Provider(), "onnxruntime")
        except EngineError as error:
            raise EngineError(
                "the network of this bundle does not show its tokens",
                "onnxruntime",
                "use its fp32 network, as scanmon build writes it, and blocks that the file holds",
            ) from error

    def run(self, pictures: Floats) -> list[Floats]:
        """Gray levels 0..255 (n, side, side) -> after each layer (n, 1 + cells, width), class token first."""
        values = self._session.run([*self._names, *self._parts], {"windows": pictures})
        attended, hidden, weight, bias = values[len(self._names) :]
        found = dict(zip(self._names, values, strict=False))
        found[f"x{self._last}"] = attended + (hidden @ weight + bias)
        return [np.asarray(found[f"x{layer}"], np.float32) for layer in self._layers]
