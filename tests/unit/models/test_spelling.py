"""Cased tokenizers in folders as people have them: read as they were written, which transformers does not do alone."""

import json

import numpy as np
import pytest
from tiny_classifiers import tiny_classifier_folder
from tiny_models import tiny_model_folder
from tokenizers import Tokenizer, normalizers

from fute_core.models.identity import weights_digest
from fute_core.models.spelling import open_tokenizer, own_spelling
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.classifier import ClassifierPredictor

TEXT = "A fine Film with José"


def cased(folder, *, tokenizer_config):
    """A BERT-like folder whose tokenizer.json keeps capitals and accents."""
    tiny_model_folder("bert", folder)
    written = Tokenizer.from_file(str(folder / "tokenizer.json"))
    written.normalizer = normalizers.BertNormalizer(lowercase=False)
    written.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").unlink()
    if tokenizer_config is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config))
    return folder


@pytest.mark.parametrize("described", [None, {}, {"tokenizer_class": "BertTokenizer"}], ids=["none", "empty", "named"])
def test_what_tokenizer_json_says_decides(described, tmp_path):
    folder = cased(tmp_path / "m", tokenizer_config=described)
    said = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(TEXT).ids
    assert open_tokenizer(folder)(TEXT)["input_ids"] == said
    assert load_surrogate(str(folder)).encoded([TEXT])["input_ids"] == [said]
    assert open_tokenizer(folder)(TEXT.lower())["input_ids"] != said


def test_what_tokenizer_config_says_comes_first(tmp_path):
    folder = cased(tmp_path / "m", tokenizer_config={"tokenizer_class": "BertTokenizer", "do_lower_case": True})
    assert own_spelling(folder) is None
    assert open_tokenizer(folder)(TEXT)["input_ids"] == open_tokenizer(folder)("a fine film with jose")["input_ids"]


@pytest.mark.parametrize(("words", "keeps"), [(["Film", "film"], True), (["film", "[unused1]"], False)])
def test_a_vocabulary_alone_says_by_its_words_whether_it_is_cased(words, keeps, tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    tokenizer = open_tokenizer(folder)
    assert (tokenizer("Film")["input_ids"] != tokenizer("film")["input_ids"]) is keeps


def test_a_classifier_reads_capitals_and_a_vector_made_without_them_is_not_taken_for_its_own(tmp_path):
    folder = cased(tiny_classifier_folder("bert", tmp_path / "m"), tokenizer_config={})
    tiny_classifier_folder("bert", folder)  # the head again, and with it the tokenizer in lower case
    before = weights_digest(folder)
    written = Tokenizer.from_file(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").unlink()
    lowered = weights_digest(folder)
    written.normalizer = normalizers.BertNormalizer(lowercase=False)
    written.save(str(folder / "tokenizer.json"))
    assert len({before, lowered, weights_digest(folder)}) == 3
    got = ClassifierPredictor(str(folder)).predict_proba(["Film", "film"])
    assert np.abs(got[0] - got[1]).max() > 1e-4
