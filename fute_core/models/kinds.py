"""What type of model a config.json names, judged before transformers brings torch, and its memory, along."""

import sys
from functools import cache
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.home import read_json_file
from fute_core.models.adapters import base_folder
from fute_core.models.files import reason

ENCODERS = ("albert", "bert", "camembert", "distilbert", "electra", "mpnet", "mt5", "roberta", "t5", "umt5",
            "xlm-roberta")  # fmt: skip
"""Types that are read as surrogates."""
STATEFUL = frozenset({
    "bailing_hybrid", "bamba", "deepseek_v4", "falcon_h1", "falcon_mamba", "granitemoehybrid", "jamba", "kimi_linear",
    "lara_mini", "mamba", "mamba2", "nemotron_h", "olmo_hybrid", "qwen3_5", "qwen3_5_moe", "qwen3_5_moe_text",
    "qwen3_5_text", "qwen3_next", "qwen4_exp", "qwen4_exp_text", "recurrent_gemma", "rwkv", "xlstm", "zamba", "zamba2",
    "zaya",
})  # fmt: skip
"""Types of language models that keep a state which cannot be cut back to what several answers begin with."""
UNLISTED = {"gpt-sw3": "GPT2Config"}
"""The one type that reads texts which is missing from the table that transformers has without torch."""

OF_SPANS = ("ForQuestionAnswering", "ForQuestionAnsweringSimple")
"""How the classes of models end that mark the answer to a question in a text."""
WRITERS = ("ForCausalLM", "LMHeadModel", "ForConditionalGeneration", "WithLMHeadModel", "ModelWithLMHead")
"""How the classes of language models end, after the name of their family."""
OTHER_WRITERS = frozenset({
    "bert-generation", "encoder-decoder", "exaone", "internlm3", "iquestcoder", "sarvam_mla", "sarvam_moe",
    "seamless_m4t", "seamless_m4t_v2",
})  # fmt: skip
"""Types of language models whose classes are called by another name."""


def check_encoder(folder: Path, named: str) -> None:
    """Check that a folder's model is of a type that is read as a surrogate.

    Parameters
    ----------
    folder : Path
        Of a model, or of an adapter of one.
    named : str
        What the sentence calls it.

    Raises
    ------
    BadInput
        For another type, and for a config.json that is damaged.
    """
    if (kind := _type_of(folder)) not in ENCODERS:
        raise BadInput(
            f"Surrogate {named!r} is a {kind} model, which is no encoder that can be read here; "
            f"use one of these families: {', '.join(ENCODERS)}."
        )


def check_classifier(folder: Path, named: str) -> None:
    """Check that a folder's model is of a type that classifies texts.

    Parameters
    ----------
    folder, named : Path, str
        As in `check_encoder`.

    Raises
    ------
    BadInput
        For a type that transformers does not know or makes no classifiers of, and for a config.json that is damaged.
    """
    kind = _type_of(folder)
    config = _config_class(kind, named)
    if config and f"{config.removesuffix('Config')}ForSequenceClassification" not in _classes():
        raise BadInput(f"{named} is a {kind} model, which classifies no texts; use one that does.")


def check_spans(folder: Path, named: str) -> None:
    """Check that a folder's model is of a type that marks the answer to a question in a text.

    Parameters
    ----------
    folder, named : Path, str
        As in `check_encoder`.

    Raises
    ------
    BadInput
        For a type that transformers does not know or makes no such models of, and for a config.json that is damaged.
    """
    kind = _type_of(folder)
    config = _config_class(kind, named)
    if config and not {f"{config.removesuffix('Config')}{end}" for end in OF_SPANS} & _classes():
        raise BadInput(f"{named} is a {kind} model, which marks no answers in a text; use one that does.")


def marks_spans(folder: Path) -> bool:
    """Tell whether a folder's model was saved as one that marks the answer to a question in a text.

    Parameters
    ----------
    folder : Path
        Of a model, or of an adapter of one.

    Returns
    -------
    bool
        By the architectures that its config.json names; False where that cannot be read.
    """
    try:
        said: Any = read_json_file(base_folder(folder) / "config.json")
    except (OSError, ValueError):
        return False
    made = said.get("architectures") if isinstance(said, dict) else None
    return isinstance(made, list) and any(str(name).endswith(OF_SPANS) for name in made)


def check_language_model(folder: Path, named: str) -> None:
    """Check that a folder's model is of a type that can be asked for several answers to one prompt.

    Parameters
    ----------
    folder, named : Path, str
        As in `check_encoder`.

    Raises
    ------
    BadInput
        For a type that transformers does not know, that writes nothing or keeps a state, and for a config.json that is
        damaged.
    """
    kind = _type_of(folder)
    if config := _config_class(kind, named):
        family, there = config.removesuffix("Config"), _classes()
        classes = {name + end for name in (family, family.removesuffix("Text")) for end in WRITERS}
        if not classes & there and kind not in OTHER_WRITERS:
            raise BadInput(f"{named} is a {kind} model, which generates no text; use a causal or seq2seq model.")
    if kind in STATEFUL:
        raise BadInput(f"{named} is a {kind} model, whose state no two answers can share; use another.")


@cache
def _classes() -> frozenset[str]:
    """The names in transformers, whose list takes it a fifth of a second."""
    import transformers

    return frozenset(dir(transformers))


def _type_of(folder: Path) -> str:
    config = base_folder(folder) / "config.json"
    try:
        said: Any = read_json_file(config)
    except (OSError, ValueError) as error:
        raise BadInput(f"{config} cannot be read ({reason(error)}); save the model again, or fetch it anew.") from error
    kind = said.get("model_type") if isinstance(said, dict) else None
    if not isinstance(kind, str):
        raise BadInput(f"{config} names no model_type, so what the weights are is not known; save the model again.")
    return kind


def _config_class(kind: str, named: str) -> str | None:
    """What the class of a type's configs is called; None where another package may have brought the type."""
    from transformers.models.auto.auto_mappings import CONFIG_MAPPING_NAMES

    known: str | None = {**CONFIG_MAPPING_NAMES, **UNLISTED}.get(kind)
    if known is None and "transformers.models.auto.configuration_auto" not in sys.modules:
        raise BadInput(f"{named} is of a model type that transformers does not know; code from the Hub is not run.")
    return known
