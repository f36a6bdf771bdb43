"""Weights of an ONNX file of an encoder as float32 arrays under the names that `transformers` gives them.

The graph itself is never run: quantised to 8 bits, it takes the range of its activations from the whole batch, so that
a text would get another vector in other company. Only the few fields of the format that hold weights are read, by
their numbers in onnx.proto, so that neither onnx nor onnxruntime is needed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput

DTYPES = {1: "<f4", 2: "u1", 3: "i1", 6: "<i4", 7: "<i8", 10: "<f2", 11: "<f8"}
"""`TensorProto.DataType` of what encoders hold."""
PRODUCTS = ("MatMul", "MatMulInteger")
BETWEEN = ("Cast", "Mul")
"""What stands between an integer product and the bias that is added to it."""


@dataclass(frozen=True)
class _Node:
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass
class _Graph:
    nodes: list[_Node] = field(default_factory=list)
    tensors: dict[str, NDArray[Any]] = field(default_factory=dict)


def read_onnx_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read the weights of an encoder that was exported from PyTorch, dequantised where they are integers.

    Matrices of products carry numbers for names in such a file; each is named after the bias that is added to its
    product, and turned to (out, in) as `torch.nn.Linear` has it.

    Parameters
    ----------
    path : Path
        An ONNX file that holds its weights itself.

    Returns
    -------
    dict of str to ndarray of float32
        By name, such as "encoder.layer.0.output.dense.weight".

    Raises
    ------
    BadInput
        For what is no ONNX file, for weights in a file beside it, and for a matrix that belongs to no named bias.

    References
    ----------
    ONNX, onnx.proto (ModelProto, GraphProto, NodeProto, TensorProto); operators DequantizeLinear and MatMulInteger.
    """
    try:
        graph = _read_graph(memoryview(path.read_bytes()))
    except (IndexError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadInput):  # a ValueError too
            raise
        raise BadInput(f"{path} is no ONNX file that can be read ({type(error).__name__}); export it again.") from None
    if not graph.tensors:
        raise BadInput(f"{path} holds no weights; export the model again, in one file.")
    weights = {_plain(name): value for name, value in _named(path, graph).items()}
    return {name: np.ascontiguousarray(value, np.float32) for name, value in sorted(weights.items())}


def _plain(name: str) -> str:
    """Exports of sentence-transformers have the place of the encoder in their pipeline before every name."""
    return name.rpartition("auto_model.")[2]


def _named(path: Path, graph: _Graph) -> dict[str, NDArray[Any]]:
    of_products = {node.inputs[1] for node in graph.nodes if node.op in PRODUCTS and node.inputs[1] in graph.tensors}
    biases = _biases(graph)
    found: dict[str, NDArray[Any]] = {}
    for name in graph.tensors:
        origin = name.removesuffix("_quantized")
        if origin.endswith(("_scale", "_zero_point")):
            continue
        value = _real(name, graph)
        if name in of_products:
            known = origin if origin.endswith(".weight") else biases.get(name)
            if known is None:
                raise BadInput(f"{path}: the matrix {origin!r} has no bias to be named after; it cannot be read.")
            found[known] = value.T
        elif origin.endswith((".weight", ".bias")):
            found[origin] = value
    return found


def _real(name: str, graph: _Graph) -> NDArray[Any]:
    """(q - zero) * scale of a quantised tensor; of a matrix (in, out) with a scale for each of its columns."""
    value = graph.tensors[name]
    if not name.endswith("_quantized"):
        return value
    scale, zero = (graph.tensors[name.removesuffix("_quantized") + end] for end in ("_scale", "_zero_point"))
    return (value.astype(np.float32) - zero.astype(np.float32)) * scale.astype(np.float32)


def _biases(graph: _Graph) -> dict[str, str]:
    """The matrix of each product to whose result a named bias is added, with the name that it gets from it."""
    maker = {output: node for node in graph.nodes for output in node.outputs}
    named = {}
    for node in graph.nodes:
        bias = next((name for name in node.inputs if name.endswith(".bias") and name in graph.tensors), None)
        if node.op != "Add" or bias is None:
            continue
        before = [maker.get(name) for name in node.inputs if name != bias]
        while before:
            made = before.pop()
            if made is not None and made.op in PRODUCTS and made.inputs[1] in graph.tensors:
                named[made.inputs[1]] = bias.removesuffix("bias") + "weight"
            elif made is not None and made.op in BETWEEN:
                before += [maker.get(name) for name in made.inputs]
    return named


# the wire format of protocol buffers -------------------------------------------------------------------------------


def _read_graph(model: memoryview) -> _Graph:
    graph = _Graph()
    for number, part in _fields(model):
        if number != 7:  # ModelProto.graph
            continue
        for inner, value in _fields(part):
            if inner == 1:
                graph.nodes.append(_node(value))
            elif inner == 5:  # initializer
                name, tensor = _tensor(value)
                graph.tensors[name] = tensor
    return graph


def _node(data: memoryview) -> _Node:
    fields = [(number, bytes(value).decode()) for number, value in _fields(data) if number in (1, 2, 4)]
    of = {number: tuple(value for n, value in fields if n == number) for number in (1, 2, 4)}
    return _Node(of[4][0], of[1], of[2])


def _tensor(data: memoryview) -> tuple[str, NDArray[Any]]:
    name, kind, shape = "", 0, []
    values: NDArray[Any] | None = None
    numbers: list[int] = []
    for number, value in _fields(data):
        if number == 1:  # dims
            shape += [value] if isinstance(value, int) else list(_varints(value))
        elif number == 2:
            kind = value
        elif number == 4:  # float_data
            values = np.frombuffer(value, "<f4")
        elif number == 5:  # int32_data, which also holds 8-bit integers
            numbers += [value] if isinstance(value, int) else list(_varints(value))
        elif number == 8:
            name = bytes(value).decode()
        elif number == 9:  # raw_data
            values = np.frombuffer(value, DTYPES.get(kind, "u1"))
        elif number == 14 and value == 1:
            raise BadInput(f"The ONNX file keeps {name or 'its weights'} in another file; export it as one file.")
    if values is None:
        values = np.array([n - (1 << 64) if n >> 63 else n for n in numbers], np.int64)
    return name, values.reshape(shape) if kind in DTYPES else np.zeros(0)


def _fields(data: memoryview) -> Iterator[tuple[int, Any]]:
    """Number and value of each field: an integer, or the bytes of what has a length."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(data, at)
        else:
            length = {1: 8, 5: 4}[wire]
        if at + length > len(data):
            raise ValueError("cut off")
        yield number, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return value, at
        shift += 7


def _varints(data: memoryview) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value
