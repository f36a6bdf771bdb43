"""ONNX files as exporters and quantisers write them, of given weights: only what a reader of weights looks at."""

from pathlib import Path

import numpy as np


def varint(n: int) -> bytes:
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes([*out, n])


def field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, value: np.ndarray) -> bytes:
    kind = {"float32": 1, "uint8": 2, "int8": 3, "float16": 10}[value.dtype.name]
    dims = b"".join(field(1, n) for n in value.shape)
    if value.ndim == 0 and kind in (2, 3):  # as the quantiser of onnxruntime writes zero points
        held = field(5, varint(int(value)))
    elif value.ndim == 0:
        held = field(4, value.astype("<f4").tobytes())
    else:
        held = field(9, value.tobytes())
    return dims + field(2, kind) + held + field(8, name)


def node(op: str, inputs: list[str], output: str) -> bytes:
    return b"".join(field(1, name) for name in inputs) + field(2, output) + field(3, f"/{output}") + field(4, op)


def quantised(value: np.ndarray, signed: bool) -> dict[str, np.ndarray]:
    low, high = float(min(value.min(), 0)), float(max(value.max(), 0))
    scale = np.float32((high - low) / 254)
    zero = round(-low / scale) - (127 if signed else 0)
    kind = np.int8 if signed else np.uint8
    rounded = np.clip(np.round(value / scale) + zero, -127 if signed else 0, 127 if signed else 254).astype(kind)
    return {"_quantized": rounded, "_scale": np.array(scale), "_zero_point": np.array(zero, kind)}


def write_onnx(path: Path, weights: dict[str, np.ndarray], *, eight_bits: bool = False, before: str = "") -> Path:
    """Matrices of layers are (in, out) under numbers, with their biases added to products; tables keep their names."""
    nodes, tensors = [], []
    for n, (name, value) in enumerate(weights.items()):
        of_layer = name.endswith(".weight") and value.ndim == 2 and "embeddings" not in name
        called = f"onnx::MatMul_{n}" if of_layer else before + name
        held = np.ascontiguousarray(value.T if of_layer else value)
        if eight_bits and value.ndim == 2:
            tensors += [tensor(called + end, part) for end, part in quantised(held, of_layer).items()]
            called += "_quantized"
        else:
            tensors.append(tensor(called, held))
        if of_layer:
            bias = before + name.removesuffix("weight") + "bias"
            op = "MatMulInteger" if eight_bits else "MatMul"
            nodes.append(node(op, [f"x{n}", called], f"p{n}"))
            if eight_bits:
                nodes += [node("Cast", [f"p{n}"], f"c{n}"), node("Mul", [f"c{n}", f"s{n}"], f"m{n}")]
            nodes.append(node("Add", [bias, f"{'m' if eight_bits else 'p'}{n}"], f"y{n}"))
    graph = b"".join(field(1, one) for one in nodes) + b"".join(field(5, one) for one in tensors)
    path.write_bytes(field(1, 8) + field(2, "tests") + field(7, graph))
    return path
