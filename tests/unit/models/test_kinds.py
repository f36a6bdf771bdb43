"""What a config.json names is judged as transformers judges it, which needs torch for that."""

import json
from pathlib import Path

import pytest
import transformers
from transformers.models.auto import configuration_auto, modeling_auto

from fute_core.errors import BadInput
from fute_core.models import kinds

ROOT = Path(transformers.__file__).parent
WRITERS = {
    **modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
    **modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
}
CLASSIFIERS = modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES


@pytest.fixture
def refused(tmp_path):
    def by(check, kind):
        (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}), "utf-8")
        try:
            check(tmp_path, "mine")
        except BadInput as error:
            return str(error)
        return ""

    return by


def keeps_state(name):
    module = transformers._class_to_module[name].replace(".", "/")
    return "_is_stateful = True" in (ROOT / f"{module}.py").read_text("utf-8")


def test_no_classifier_that_transformers_makes_is_refused(refused):
    assert {kind: said for kind in CLASSIFIERS if (said := refused(kinds.check_classifier, kind))} == {}


def test_of_language_models_those_alone_are_refused_that_keep_a_state(refused):
    stateful = {kind for kind in modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES if keeps_state(WRITERS[kind])}
    assert stateful == kinds.STATEFUL
    told = {kind: said for kind in WRITERS if (said := refused(kinds.check_language_model, kind))}
    assert set(told) == stateful
    assert all("whose state no two answers can share" in said for said in told.values())


def test_most_of_what_reads_no_texts_is_refused(refused):
    others = set(configuration_auto.CONFIG_MAPPING) - set(CLASSIFIERS)
    late = {kind for kind in others if not refused(kinds.check_classifier, kind)}
    assert len(late) < len(others) / 10
    assert "vit" not in late


@pytest.mark.parametrize("written", ["{", "null", "[]", "{}", '{"model_type": 3}', '{"model_type": ["bert"]}', "\xff"])
def test_a_config_that_says_no_type_is_one_sentence(written, tmp_path):
    (tmp_path / "config.json").write_bytes(written.encode("latin-1"))
    said = r"config\.json (cannot be read|names no model_type).*; save the model again"
    for check in (kinds.check_encoder, kinds.check_classifier, kinds.check_language_model):
        with pytest.raises(BadInput, match=said):
            check(tmp_path, "mine")
