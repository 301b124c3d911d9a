"""A small writer of ONNX graphs: every call adds a node and gives the name of its output."""

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

# LayerNormalization came with opset 17; nothing newer is needed, and every runtime of today reads it.
_OPSET = 17
_IR_VERSION = 8


class Graph:
    """An ONNX graph under construction.

    Args:
        half: whether its floats are of 16 bits; inputs and the output are not.
    """

    def __init__(self, *, half: bool = False) -> None:
        self._floats: type[np.floating[Any]] = np.float16 if half else np.float32
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: dict[str, onnx.TensorProto] = {}

    def tensor(self, name: str, values: NDArray[np.generic]) -> str:
        """A constant of the graph, by its name; the second of one name is the first."""
        if name not in self._tensors:
            fitting = values.astype(self._floats, copy=False) if np.issubdtype(values.dtype, np.floating) else values
            self._tensors[name] = numpy_helper.from_array(np.ascontiguousarray(fitting), name)
        return name

    def scalar(self, value: float) -> str:
        """A float."""
        return self.tensor(f"scalar_{value!r}", np.array(value, dtype=np.float32))

    def integers(self, *values: int) -> str:
        """A list of 64-bit integers, as shapes and axes are."""
        return self.tensor(f"integers_{'_'.join(map(str, values))}", np.array(values, dtype=np.int64))

    @property
    def floats(self) -> int:
        """ONNX's number for the type of the graph's floats."""
        return int(helper.np_dtype_to_tensor_dtype(np.dtype(self._floats)))

    def add(self, operator: str, *inputs: str, name: str | None = None, **attributes: Any) -> str:
        """A node with one output."""
        output = name or f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def model(self, *, inputs: tuple[str, ...], output: str, width: int) -> bytes:
        """The finished model, checked and serialised.

        Args:
            inputs: names of the inputs, each [batch, sequence] of 64-bit integers.
            output: name of the output, [batch, sequence, width] of 32-bit floats.
            width: length of the output's last axis.
        """
        axes = ["batch", "sequence"]
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info(name, TensorProto.INT64, axes) for name in inputs],
            [helper.make_tensor_value_info(output, TensorProto.FLOAT, [*axes, width])],
            list(self._tensors.values()),
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name="hirag-embedder",
        )
        onnx.checker.check_model(model)
        content: bytes = model.SerializeToString()
        return content
