"""Weights of ONNX files, plain and in 8 bits, under the names of transformers."""

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_models import tiny_model_folder
from tiny_onnx import field, node, tensor, write_onnx

from fute_core.errors import BadInput
from fute_core.models.bert_folder import write_bert
from fute_core.models.onnx_weights import read_onnx_weights
from fute_core.models.surrogate import load_surrogate

TEXTS = ["a fine film", "dull , and far too long"]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return tiny_model_folder("bert", tmp_path_factory.mktemp("onnx") / "bert")


@pytest.mark.parametrize("before", ["", "model.0.auto_model."])
def test_weights_come_back_as_they_were(bert, before, tmp_path):
    given = load_file(bert / "model.safetensors")
    read = read_onnx_weights(write_onnx(tmp_path / "m.onnx", given, before=before))
    assert read.keys() == given.keys()
    assert all(np.array_equal(read[name], value) for name, value in given.items())


def test_eight_bits_come_back_within_half_a_step(bert, tmp_path):
    given = load_file(bert / "model.safetensors")
    read = read_onnx_weights(write_onnx(tmp_path / "m.onnx", given, eight_bits=True))
    assert read.keys() == given.keys()
    for name, value in given.items():
        step = np.ptp(np.append(value, 0)) / 254 if value.ndim == 2 else 0
        assert np.abs(read[name] - value).max() <= 0.51 * step + 1e-6, name


def test_a_matrix_with_a_scale_for_each_column(tmp_path):
    value, scale = np.array([[1, 2, 3], [-4, 5, 6]], np.int8), np.array([0.5, 1, 2], np.float32)
    zero = np.array([0, 1, 0], np.int8)
    parts = {"M_quantized": value, "M_scale": scale, "M_zero_point": zero, "a.bias": np.zeros(3, np.float32)}
    steps = [("MatMulInteger", ["x", "M_quantized"], "p"), ("Cast", ["p"], "c"), ("Add", ["c", "a.bias"], "y")]
    nodes = [node(*step) for step in steps]
    graph = b"".join(field(1, n) for n in nodes) + b"".join(field(5, tensor(k, v)) for k, v in parts.items())
    (tmp_path / "m.onnx").write_bytes(field(7, graph))
    assert read_onnx_weights(tmp_path / "m.onnx")["a.weight"].tolist() == [[0.5, -2], [1, 4], [6, 12]]


def test_a_folder_made_of_them_reads_texts_alike(bert, tmp_path):
    made = tmp_path / "made"
    made.mkdir()
    given = {k: v for k, v in load_file(bert / "model.safetensors").items() if "pooler" not in k}
    write_bert(made, read_onnx_weights(write_onnx(tmp_path / "m.onnx", given)), num_attention_heads=2)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (made / file).write_bytes((bert / file).read_bytes())
    assert np.allclose(load_surrogate(str(made)).features(TEXTS), load_surrogate(str(bert)).features(TEXTS), atol=1e-6)


def nameless(path):
    graph = field(1, node("MatMul", ["x", "onnx::MatMul_1"], "y"))
    graph += field(5, tensor("onnx::MatMul_1", np.ones((2, 2), np.float32)))
    path.write_bytes(field(7, graph))


def elsewhere(path):
    path.write_bytes(field(7, field(5, field(1, 2) + field(2, 1) + field(8, "a.weight") + field(14, 1))))


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda path: path.write_bytes(b"not a model at all"), "no ONNX file that can be read"),
        (lambda path: path.write_bytes(field(7, b"x" * 40)[:20]), "no ONNX file that can be read"),
        (lambda path: path.write_bytes(field(1, 8)), "holds no weights"),
        (nameless, "'onnx::MatMul_1' has no bias to be named after"),
        (elsewhere, "keeps a.weight in another file"),
    ],
)
def test_what_cannot_be_read_is_told(write, sentence, tmp_path):
    write(tmp_path / "m.onnx")
    with pytest.raises(BadInput, match=sentence):
        read_onnx_weights(tmp_path / "m.onnx")
