"""A few lines around onnx.helper, so that a graph reads as the network it describes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 20  # the first with Gelu
IR_VERSION = 9  # read by every ONNX Runtime since 1.17


class Writer:
    """Collects nodes and constants. Every method that adds a node returns the name of its output."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._microsoft = False

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """A named constant; the same name twice is the same constant."""
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def integers(self, *values: int) -> str:
        """Shape or axes, as a constant."""
        return self.constant("i" + "_".join(map(str, values)), np.array(values, dtype=np.int64))

    def add(
        self,
        operator: str,
        inputs: Sequence[str],
        name: str,
        *,
        microsoft: bool = False,
        outputs: Sequence[str] = (),
        **attributes: Any,
    ) -> str:
        """One node named `name`; `outputs` where it has other or more outputs than the one of its name."""
        domain = "com.microsoft" if microsoft else ""
        self._microsoft |= microsoft
        names = list(outputs) or [name]
        self._nodes.append(
            helper.make_node(operator, list(inputs), names, name=name, domain=domain, **attributes)
        )
        return names[0]

    def model(
        self,
        inputs: Sequence[tuple[str, int, Sequence[str | int]]],
        outputs: Sequence[tuple[str, int, Sequence[str | int]]],
        description: str,
    ) -> onnx.ModelProto:
        """The finished, checked model. Raises `onnx.checker.ValidationError`."""
        graph = helper.make_graph(
            self._nodes,
            "scanmon",
            [helper.make_tensor_value_info(*value) for value in inputs],
            [helper.make_tensor_value_info(*value) for value in outputs],
            initializer=list(self._constants.values()),
        )
        opsets = [helper.make_opsetid("", OPSET)]
        if self._microsoft:
            opsets.append(helper.make_opsetid("com.microsoft", 1))
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
        model.producer_name, model.doc_string = "scanmon", description
        onnx.checker.check_model(model, full_check=not self._microsoft)
        return model


UINT8, FLOAT, HALF = TensorProto.UINT8, TensorProto.FLOAT, TensorProto.FLOAT16
