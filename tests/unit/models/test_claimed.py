"""A config that asks for far more than its weights hold is told before anything is made of that size."""

import json

import pytest
from tiny_gguf import tiny_gguf
from tiny_models import tiny_model_folder

from fute_core.errors import BadInput
from fute_core.models.language import read_language_model
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.classifier import ClassifierPredictor


def claiming(folder, **said):
    """A tiny encoder whose config says something else."""
    config = tiny_model_folder("bert", folder) / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), **said}))
    return str(folder)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"num_hidden_layers": 10**12}, "1,000,000,000,000 layers"),
        ({"text_config": {"n_layers": 10**12}}, "1,000,000,000,000 layers"),
        ({"num_labels": 10**12}, "1,000,000,000,000 labels"),
        ({"id2label": {str(i): "a" for i in range(100_001)}}, "100,001 labels"),
        ({"vocab_size": 2 * 10**12}, "numbers"),
        ({"hidden_size": 2 * 10**7}, "numbers"),
        ({"max_position_embeddings": 10**13}, "numbers"),
    ],
)
def test_a_config_that_asks_for_more_than_there_is(said, told, tmp_path):
    folder = claiming(tmp_path / "m", **said)
    with pytest.raises(BadInput, match=rf"its config asks for [\d,]*.*{told}"):
        load_surrogate(folder)


def test_a_classifier_and_a_gguf_file_that_do(tmp_path):
    folder = claiming(tmp_path / "m", architectures=["BertForSequenceClassification"], num_hidden_layers=10**12)
    with pytest.raises(BadInput, match="1,000,000,000,000 layers"):
        ClassifierPredictor(folder).predict_proba(["a"])
    file = tmp_path / "tiny.gguf"
    tiny_gguf("llama", file)
    content = file.read_bytes()
    at = content.index(b"llama.block_count") + len(b"llama.block_count") + 4
    file.write_bytes(content[:at] + (2**31).to_bytes(4, "little") + content[at + 4 :])
    with pytest.raises(BadInput, match="2,147,483,648 layers"):
        read_language_model(str(file), "float32")


@pytest.mark.parametrize("said", [{"layer_norm_seed": 10**6}, {"vocab_size_per_layer_input": 10**6}])
def test_a_name_with_the_word_layer_that_counts_something_else_is_let_be(said, tmp_path):
    assert load_surrogate(claiming(tmp_path / "m", **said)).features(["a fine film"]).shape[0] == 1


@pytest.mark.parametrize("layers", [0, 1])
def test_weights_of_more_layers_than_the_config_asks_for_are_told(layers, tmp_path):
    with pytest.raises(BadInput, match=rf"of more layers than config.json asks for \({layers} in encoder.layer\)"):
        load_surrogate(claiming(tmp_path / "m", num_hidden_layers=layers))


def test_one_layer_used_many_times_is_read(tmp_path):
    tiny_model_folder("albert", tmp_path / "m", layers=60)
    assert load_surrogate(str(tmp_path / "m")).features(["a fine film"]).shape[0] == 1
