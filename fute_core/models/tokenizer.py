"""What is known of a language model without its weights: tokenizer, config, and how much it reads."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from fute_core.errors import BadInput
from fute_core.models.adapters import base_folder
from fute_core.models.files import reading_model
from fute_core.models.gguf import ALIASES, gguf_of, is_converted, language_folder
from fute_core.models.identity import BESIDE_WEIGHTS, kept_per_weights, weights_digest
from fute_core.models.making import is_made_here
from fute_core.models.spelling import open_tokenizer
from fute_core.models.weights import LOCAL
from fute_core.tasks import Text

NO_LIMIT = 1_000_000


def _tokenizer_identity(ref: str) -> tuple[str, str]:
    """Without the weights: counting tokens is not to wait until gigabytes are hashed."""
    return ref, weights_digest(language_folder(ref), BESIDE_WEIGHTS)


@kept_per_weights(_tokenizer_identity)
def load_tokenizer(ref: str) -> Any:
    """Load the tokenizer alone, to count tokens before anything is computed.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id.

    Returns
    -------
    transformers.PreTrainedTokenizerBase
        Kept for the next call.

    Raises
    ------
    BadInput
        For a folder without a tokenizer that can be read.
    """
    return read_tokenizer(language_folder(ref), ref)


def read_tokenizer(folder: Path, ref: str) -> Any:
    """Read the tokenizer of a folder.

    Parameters
    ----------
    folder : Path
        Where its files are.
    ref : str
        What an error calls the model.

    Returns
    -------
    transformers.PreTrainedTokenizerBase
        Fresh from the files.

    Raises
    ------
    BadInput
        For files that are damaged.
    """
    with reading_model(called(ref, folder)):
        return open_tokenizer(folder)


def read_config(folder: Path, ref: str) -> Any:
    """Read the config of a model's folder.

    Parameters
    ----------
    folder : Path
        Where config.json is, or an adapter of a model that has one.
    ref : str
        What an error calls the model.

    Returns
    -------
    transformers.PreTrainedConfig
        Of the type that it names.

    Raises
    ------
    BadInput
        For one that is damaged, or of a type that is not known.
    """
    from transformers import CONFIG_MAPPING, AutoConfig

    with reading_model(called(ref, folder)):
        try:
            return AutoConfig.from_pretrained(base_folder(folder), **LOCAL)
        except ValueError:
            if raw_config(folder, ref).get("model_type") in CONFIG_MAPPING:
                raise
            unknown = f"{ref} is of a model type that transformers does not know; code from the Hub is not run."
            raise BadInput(unknown) from None


def raw_config(folder: Path, ref: str) -> dict[str, Any]:
    """Read the config of a model's folder as it was written, before a library makes its own of it.

    Parameters
    ----------
    folder : Path
        Where config.json is, or an adapter of a model that has one.
    ref : str
        What an error calls the model.

    Returns
    -------
    dict
        JSON values.

    Raises
    ------
    BadInput
        For one that is damaged.
    """
    with reading_model(called(ref, folder)):
        written: dict[str, Any] = dict(json.loads((base_folder(folder) / "config.json").read_text("utf-8")))
        return written


def called(ref: str, folder: Path) -> str:
    """What an error calls a model that cannot be loaded, so that its files are found.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id.
    folder : Path
        Where its files are.

    Returns
    -------
    str
        The name; of a converted model also its folder.
    """
    return f"{ref} (converted in {folder}; delete that to convert it again)" if is_made_here(folder) else ref


def has_tokenizer(ref: str) -> bool:
    """Whether `load_tokenizer` has nothing to convert or to fetch first.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, or a Hub id.

    Returns
    -------
    bool
        True for a folder and for a converted GGUF file.
    """
    return is_converted(ref) if ref in ALIASES or gguf_of(ref) is not None else Path(ref).is_dir()


def longest_input(model: Any) -> int:
    """How many tokens a model reads at once.

    Parameters
    ----------
    model : str or transformers.PreTrainedConfig
        Its config, or the name by which that is found.

    Returns
    -------
    int
        Most tokens; `NO_LIMIT` where the config sets no limit.

    Raises
    ------
    BadInput
        For a folder that holds no model.
    """
    if isinstance(model, str):
        model = read_config(language_folder(model), model)
    return getattr(model.get_text_config(), "max_position_embeddings", None) or NO_LIMIT


def text_columns(texts: Sequence[Text]) -> list[list[str]]:
    """Arrange texts as a tokenizer takes them.

    Parameters
    ----------
    texts : sequence of str or of (str, str)
        Single texts, or pairs.

    Returns
    -------
    list of list of str
        One list of texts, or the two sides of the pairs.
    """
    if texts and isinstance(texts[0], tuple):
        pairs = cast("Sequence[tuple[str, str]]", texts)
        return [[a for a, _ in pairs], [b for _, b in pairs]]
    return [list(cast("Sequence[str]", texts))]
