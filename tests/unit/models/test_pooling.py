"""How a folder says that its encoder is read: first token or mean, and what stands before every text."""

import json

import numpy as np
import pytest
from tiny_models import tiny_model_folder

from fute_core.models.identity import weights_digest
from fute_core.models.pooling import PLAIN, Pooling, read_pooling, write_pooling
from fute_core.models.surrogate import load_surrogate, surrogate_identity

TEXTS = ["a fine film", "dull , and far too long"]


@pytest.fixture
def folder(tmp_path):
    return tiny_model_folder("bert", tmp_path / "m")


def features(folder, texts=TEXTS):
    return load_surrogate(str(folder)).features(texts)


def test_the_first_token_is_read_where_the_folder_says_so(folder):
    mean, known = features(folder), surrogate_identity(str(folder))
    write_pooling(folder, Pooling("first"))
    first = features(folder)
    surrogate = load_surrogate(str(folder))
    for batch in surrogate.batches(TEXTS):
        assert np.array_equal(first[batch.index], surrogate.hidden(batch)[:, 0].numpy())
    assert np.abs(first - mean).max() > 0.01
    assert surrogate_identity(str(folder)) != known


def test_a_prefix_stands_before_every_text_and_the_first_of_a_pair(folder):
    alone = features(folder, [f"film : {text}" for text in TEXTS])
    pairs = features(folder, [("film : a", "b"), ("film : c", "d")])
    known = surrogate_identity(str(folder))
    write_pooling(folder, Pooling(prefix="film : "))
    assert np.array_equal(features(folder), alone)
    assert np.array_equal(features(folder, [("a", "b"), ("c", "d")]), pairs)
    assert surrogate_identity(str(folder)) != known


def test_the_mean_without_a_prefix_keeps_the_digest_of_the_weights(folder):
    write_pooling(folder, PLAIN)
    assert read_pooling(folder) == PLAIN
    assert surrogate_identity(str(folder))[1] == weights_digest(folder)


@pytest.mark.parametrize("pooling", [Pooling("first"), Pooling(prefix="query: "), Pooling("first", "q ")])
def test_what_is_written_is_read(folder, pooling):
    write_pooling(folder, pooling)
    assert read_pooling(folder) == pooling


@pytest.mark.parametrize(
    ("modes", "prompts", "read"),
    [
        ({"pooling_mode": "cls"}, {}, Pooling("first")),
        ({"pooling_mode_max_tokens": True}, {}, PLAIN),
        ({}, {"prompts": {"query": "q: "}, "default_prompt_name": None}, PLAIN),
        ({}, {"prompts": {"query": "q: "}, "default_prompt_name": "query"}, Pooling(prefix="q: ")),
        ([], {"prompts": ["q: "]}, PLAIN),
        ({}, {"prompts": {"query": 3}, "default_prompt_name": "query"}, PLAIN),
    ],
)
def test_files_of_sentence_transformers(folder, modes, prompts, read):
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(modes))
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    assert read_pooling(folder) == read
