"""Encoders of every family, what they say however texts are batched, and model folders that cannot be used."""

import json
import shutil

import numpy as np
import pytest
from tiny_models import tiny_model_folder, tiny_surrogate

from fute_core.errors import BadInput, Unavailable
from fute_core.models.identity import weights_digest
from fute_core.models.kinds import ENCODERS
from fute_core.models.packaged import package_folder
from fute_core.models.surrogate import load_surrogate, surrogate_identity

TEXTS = ("a fine film", "dull", "one of the best pieces of cinema that I have seen in years , and then some", "x y z")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_model_folder("bert", tmp_path_factory.mktemp("bert"))


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "copied")


@pytest.mark.parametrize("family", ENCODERS)
def test_every_family_reads_texts_and_pairs_whatever_else_is_in_the_batch(family, tmp_path):
    surrogate = tiny_surrogate(family, tmp_path)
    for texts in (TEXTS, tuple(zip(TEXTS, TEXTS[::-1], strict=True))):
        together = surrogate.features(texts)
        alone = np.concatenate([surrogate.features([t]) for t in texts])
        assert together.shape == (4, surrogate.hidden_size)
        assert np.isfinite(together).all()
        assert np.abs(together - alone).max() < 1e-4 * np.abs(alone).max()
    assert not np.allclose(surrogate.features([("a", "b")]), surrogate.features([("b", "a")]))


def test_long_texts_are_cut_and_counted(folder):
    surrogate = load_surrogate(str(folder))
    long = "word " * 400
    assert surrogate.count_truncated([*TEXTS, long]) == 1
    assert surrogate.count_truncated([(long, "x"), ("x", "y")]) == 1
    assert surrogate.count_truncated([]) == 0
    assert max(map(len, surrogate.encoded([long])["input_ids"])) == surrogate.max_length
    assert np.isfinite(surrogate.features([long])).all()
    assert surrogate.features([long]).tobytes() == surrogate.features([long + "and no more"]).tobytes()


def test_odd_texts_have_finite_features(folder):
    odd = ("", " ", "\n", "🙂", "ﷺ" * 50, "a\0b", "\u202eevil", "=1+1")
    assert np.isfinite(load_surrogate(str(folder)).features(odd)).all()


@pytest.mark.parametrize("stored", [True, False], ids=["in a store", "in memory"])
def test_features_are_kept_and_read_again(folder, tmp_path, stored):
    from fute_core.store.store import Store

    alone = load_surrogate(str(folder))
    surrogate = alone.keeping_in(Store(tmp_path / "cache") if stored else None)
    first = surrogate.features(TEXTS)
    try:
        surrogate.model.forward = None  # whoever asks the model now fails
        assert surrogate.features(TEXTS).tobytes() == first.tobytes()
        with pytest.raises(TypeError):  # where to keep them is no business of others that use the same weights
            alone.features(TEXTS)
    finally:
        del surrogate.model.forward


# identity -----------------------------------------------------------------------------------------------------------


def test_identity_follows_content_and_not_place(folder, copy):
    assert surrogate_identity(str(copy))[1] == surrogate_identity(str(folder))[1]
    assert surrogate_identity(str(copy))[0] == "copied"


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
def test_any_change_of_weights_config_or_tokenizer_is_another_identity(copy, file):
    before = weights_digest(copy)
    content = (copy / file).read_bytes()
    (copy / file).write_bytes(content + b" ")
    assert weights_digest(copy) != before
    (copy / file).write_bytes(content)
    assert weights_digest(copy) == before


def test_a_digest_is_remembered_and_a_lost_memory_costs_no_more_than_time(folder, tmp_path, monkeypatch):
    first = weights_digest(folder)
    monkeypatch.setattr("fute_core.models.identity._hash_file", lambda file: pytest.fail(f"{file} was read again"))
    assert weights_digest(folder) == first
    monkeypatch.undo()
    (tmp_path / "in the way").write_text("mine")
    monkeypatch.setenv("FUTE_HOME", str(tmp_path / "in the way"))
    assert weights_digest(folder) == first


# folders that cannot be used ----------------------------------------------------------------------------------------


def _without(pattern):
    def change(folder):
        for file in folder.glob(pattern):
            file.unlink()

    return change


def _config(**changes):
    def change(folder):
        config = json.loads((folder / "config.json").read_text()) | changes
        (folder / "config.json").write_text(json.dumps(config))

    return change


def _pickled(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _cut(folder):
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(content[: len(content) // 2])


def _one_weight_less(folder):
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights[next(name for name in weights if ".layer.1." in name)]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


def _no_json(folder):
    (folder / "config.json").write_text("{")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_without("*"), "has no config.json, so it is no model folder; save one with save_pretrained."),
        (_without("*.safetensors"), "has a config.json but no weights; put model.safetensors beside it."),
        (
            _pickled,
            "has its weights in pytorch_model.bin, a pickle that could run code; save them again as safetensors",
        ),
        (_without("tokenizer*"), "has no tokenizer; save it there"),
        (_no_json, "config.json cannot be read (JSONDecodeError"),
        (_config(model_type="unheard-of"), "is a unheard-of model, which is no encoder"),
        (_config(model_type="gpt2"), "is a gpt2 model, which is no encoder that can be read here; use one of these"),
        (_config(intermediate_size=99), "where config.json asks for (99,); correct config.json"),
        (_cut, "cannot be loaded (SafetensorError"),
        (_one_weight_less, "lacks 1 weights of its encoder (encoder.layer.1"),
    ],
)
def test_a_folder_with_a_fault_is_refused_by_name(copy, change, says):
    change(copy)
    with pytest.raises(BadInput) as refused:
        load_surrogate(str(copy))
    assert says in str(refused.value)
    assert "copied" in str(refused.value)


def test_code_of_a_model_folder_is_never_run(copy):
    (copy / "modeling.py").write_text(f"open({str(copy / 'ran')!r}, 'w')\nclass Model: pass\n")
    _config(model_type="own", auto_map={"AutoConfig": "modeling.Model", "AutoModel": "modeling.Model"})(copy)
    with pytest.raises(BadInput):
        load_surrogate(str(copy))
    assert not (copy / "ran").exists()


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("./nowhere", "No model folder './nowhere'"),
        ("/no/such/folder", "No model folder"),
        ("a b", "No model folder"),
        ("", "has no config.json"),
        ("mini-lm", "did you mean 'minilm'?"),
        (__file__, "is a file; give the model's folder"),
    ],
)
def test_what_is_no_model_is_told_without_asking_the_network(ref, says, monkeypatch):
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: pytest.fail("asked the Hub"))
    with pytest.raises(BadInput) as refused:
        load_surrogate(ref)
    assert says in str(refused.value)


def test_a_missing_package_names_the_line_to_install_it():
    with pytest.raises(Unavailable, match="pip install --no-deps some-package"):
        package_folder("no_such_module_here", "some-package")
