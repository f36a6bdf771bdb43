"""GGUF files of users: the same model as in transformers, converted once, and a sentence for what cannot be read."""

import shutil
from pathlib import Path

import pytest
import torch
from tiny_gguf import NAMES, tiny_gguf
from tiny_language_models import saved

from fute_core.errors import BadInput, Unavailable
from fute_core.home import fute_home
from fute_core.models.gguf import language_folder
from fute_core.models.language import load_language_model, model_identity, read_language_model
from fute_core.models.surrogate import load_surrogate
from fute_core.models.tokenizer import has_tokenizer
from fute_core.predictors.classifier import ClassifierPredictor

pytestmark = pytest.mark.usefixtures("bare_home")

TEXT = "a fine film , so bad"


def logits(model, ids):
    started = {"decoder_input_ids": torch.tensor([[0, 5, 6]])} if model.config.is_encoder_decoder else {}
    with torch.inference_mode():
        return model(input_ids=torch.tensor([ids]), **started).logits


@pytest.mark.parametrize(("family", "untied"), [*((family, False) for family in NAMES), ("t5", True)])
def test_a_gguf_file_is_the_model_that_was_written(family, untied, tmp_path):
    written = tiny_gguf(family, tmp_path / "tiny.gguf", untied=untied)
    read = read_language_model(str(tmp_path / "tiny.gguf"), "float32")
    ids = written.tokenizer(TEXT)["input_ids"]
    torch.testing.assert_close(logits(read.model, ids), logits(written.model, ids), atol=1e-4, rtol=1e-4)
    assert read.kind == written.kind
    if family != "gemma3_text":  # whose published files have a vocabulary of another kind
        assert read.tokenizer(" fine film")["input_ids"] == written.tokenizer(" fine film")["input_ids"]


def test_a_folder_with_one_gguf_file_is_that_file_and_is_converted_once(tmp_path):
    tiny_gguf("llama", tmp_path / "tiny.gguf")
    named, digest = model_identity(str(tmp_path))
    assert (named, digest) == model_identity(str(tmp_path / "tiny.gguf"))
    assert not has_tokenizer(str(tmp_path))
    load_language_model(str(tmp_path))
    assert has_tokenizer(str(tmp_path))
    (folder,) = (fute_home() / "models").iterdir()
    before = (folder / "model.safetensors").stat().st_mtime_ns
    read_language_model(str(tmp_path), "float32")
    assert (folder / "model.safetensors").stat().st_mtime_ns == before


def test_where_the_home_may_not_be_written_a_model_is_made_for_this_process(tmp_path, monkeypatch):
    tiny_gguf("llama", tmp_path / "tiny.gguf")
    monkeypatch.setattr("os.access", lambda place, _: fute_home() not in (Path(place), *Path(place).parents))
    folder = language_folder(str(tmp_path))
    assert fute_home() not in folder.parents
    assert language_folder(str(tmp_path)) == folder
    assert load_language_model(str(tmp_path)).kind == "causal"
    assert not (fute_home() / "models").exists()


def test_safetensors_beside_a_gguf_file_come_first(tmp_path):
    saved(tmp_path)
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    assert read_language_model(str(tmp_path), "float32").model.config.model_type == "gpt2"


def _several(folder):
    (folder / "a.gguf").write_bytes(b"GGUF")
    (folder / "b.gguf").write_bytes(b"GGUF")
    return folder


def _part(folder):
    (folder / "m-00001-of-00002.gguf").write_bytes(b"GGUF")
    (folder / "m-00002-of-00002.gguf").write_bytes(b"GGUF")
    return folder


def _written(folder, **options):
    tiny_gguf("llama", folder / "tiny.gguf", **options)
    return folder / "tiny.gguf"


def _cut(folder):
    file = _written(folder)
    file.write_bytes(file.read_bytes()[:2000])
    return file


REFUSED = {
    "several": (_several, r"several GGUF files; name one: a\.gguf, b\.gguf"),
    "a part": (_part, "is a part of a model; join the parts: llama-gguf-split"),
    "another architecture": (
        lambda f: _written(f, called="homemade"),
        r"cannot be read as a language model \(.*homemade",
    ),
    "a tensor lacking": (
        lambda f: _written(f, without="blk.1.ffn_up.weight"),
        r"\(ValueError: no weights for model\.layers\.1",
    ),
    "cut off": (_cut, "cannot be read as a language model"),
}


@pytest.mark.parametrize("how", REFUSED)
def test_what_cannot_be_read_is_one_sentence_and_leaves_nothing(how, tmp_path):
    make, sentence = REFUSED[how]
    with pytest.raises(BadInput, match=sentence) as refused:
        load_language_model(str(make(tmp_path)))
    assert "\n" not in str(refused.value)
    assert not list((fute_home() / "models").glob("*"))


@pytest.mark.parametrize("use", [load_surrogate, ClassifierPredictor])
def test_a_gguf_file_is_no_encoder_and_no_classifier(use, tmp_path):
    (tmp_path / "tiny.gguf").write_bytes(b"GGUF")
    for ref in (tmp_path, tmp_path / "tiny.gguf"):
        with pytest.raises(BadInput, match="is a GGUF file, which is read as a language model only"):
            use(str(ref))


# a conversion that is not what it was -------------------------------------------------------------------------------


def _altered(folder):
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-8000:] = bytes(8000)
    file.write_bytes(content)


DAMAGE = {
    "weights altered": (_altered, r"model\.safetensors is not what it was"),
    "a file lost": (lambda f: (f / "tokenizer_config.json").unlink(), r"tokenizer_config\.json is missing"),
    "a file more": (lambda f: (f / "chat_template.jinja").write_text("x"), r"chat_template\.jinja was added"),
    "no list": (lambda f: (f / "fute-digests.json").unlink(), r"fute-digests\.json is missing"),
    "list damaged": (lambda f: (f / "fute-digests.json").write_text("{}"), r"fute-digests\.json is damaged"),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_conversion_that_is_not_what_was_written_is_refused_until_it_is_deleted(how, tmp_path):
    file = str(_written(tmp_path))
    read_language_model(file, "float32")
    (folder,) = (fute_home() / "models").iterdir()
    damage, why = DAMAGE[how]
    damage(folder)
    with pytest.raises(Unavailable, match=rf"is damaged \({why}\); delete {folder} to convert it again"):
        read_language_model(file, "float32")
    shutil.rmtree(folder)
    assert read_language_model(file, "float32").kind == "causal"
