"""Language models that answer prompts: GGUF files (converted once), folders and Hub ids."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from fute_core.errors import BadInput
from fute_core.models.device import chosen_device, spreads
from fute_core.models.files import reading_model
from fute_core.models.gguf import ALIASES, gguf_file, gguf_of, language_folder
from fute_core.models.identity import folder_identity, kept_per_weights, weights_digest
from fute_core.models.kinds import check_language_model
from fute_core.models.packed import PackedLlama, reads_packed
from fute_core.models.place import where
from fute_core.models.precision import multiply_in_bf16, precision, read_last_position_fast
from fute_core.models.room import MEND, put_model
from fute_core.models.straight import dispatch
from fute_core.models.tokenizer import called, read_config, read_tokenizer
from fute_core.models.weights import read_weights

if TYPE_CHECKING:
    import torch

DEFAULT_LANGUAGE_MODEL = "smollm2"


@dataclass(frozen=True)
class LanguageModel:
    """A model in eval mode with its tokenizer.

    Parameters
    ----------
    id : str
        What it is called.
    digest : str
        Digest of weights and tokenizer files.
    kind : {"causal", "seq2seq"}
        Whether it continues a text, or reads it with an encoder and answers with a decoder.
    model : transformers.PreTrainedModel
        Frozen.
    tokenizer : transformers.PreTrainedTokenizerBase
        The tokenizer that belongs to it.
    arithmetic : {"float32", "bfloat16"}, default "float32"
        What its matrices are multiplied in.
    """

    id: str
    digest: str
    kind: Literal["causal", "seq2seq"]
    model: Any
    tokenizer: Any
    arithmetic: str = "float32"

    @property
    def device(self) -> "torch.device":
        """Where the model computes."""
        return where(self.model)

    @cached_property
    def packed(self) -> PackedLlama | None:
        """The same model reading without padding, made when it is first needed.

        Returns
        -------
        PackedLlama or None
            None for architectures that are read as transformers reads them.
        """
        return PackedLlama(self.model) if reads_packed(self.model) else None


def model_identity(ref: str = DEFAULT_LANGUAGE_MODEL) -> tuple[str, str]:
    """Tell which weights a name means, without torch and without converting anything.

    Parameters
    ----------
    ref : str, default "smollm2"
        A packaged name, a folder, a GGUF file, or a Hub id.

    Returns
    -------
    tuple of (str, str)
        Its name, and the digest of its weights and tokenizer.

    Raises
    ------
    BadInput
        For a folder that holds no model.
    Unavailable
        For a model that is not installed or cannot be fetched.
    """
    if ref in ALIASES:
        return ref, weights_digest(gguf_file(ref))
    if (file := gguf_of(ref)) is not None:
        return file.stem, weights_digest(file)
    return folder_identity(ref, ALIASES, check_language_model)


@kept_per_weights(model_identity, chosen_device, precision, lambda: str(spreads()))
def load_language_model(ref: str = DEFAULT_LANGUAGE_MODEL) -> LanguageModel:
    """Load a language model onto the chosen device or devices, in its precision. Only a Hub id may use the network.

    Parameters
    ----------
    ref : str, default "smollm2"
        A packaged name, a folder, a GGUF file, or a Hub id.

    Returns
    -------
    LanguageModel
        Kept for the next call, for as long as the reference means the same weights.

    Raises
    ------
    BadInput
        For a model that generates no text or is damaged.
    Unavailable
        For a model that is not installed or cannot be fetched.
    """
    return read_language_model(ref, precision())


def read_language_model(ref: str, arithmetic: str) -> LanguageModel:
    """Load a language model in a given precision, whatever the device is fast in. It is not kept for the next call.

    Parameters
    ----------
    ref : str
        A packaged name, a folder, a GGUF file, or a Hub id.
    arithmetic : {"float32", "bfloat16"}
        What matrices are multiplied in.

    Returns
    -------
    LanguageModel
        Frozen, in eval mode.

    Raises
    ------
    BadInput
        For a model that generates no text or is damaged.
    Unavailable
        For a model that is not installed or cannot be fetched.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

    name, digest = model_identity(ref)
    folder = language_folder(ref)
    config = read_config(folder, ref)
    seq2seq = bool(config.is_encoder_decoder)
    loader: Any = AutoModelForSeq2SeqLM if seq2seq else AutoModelForCausalLM
    if type(config) not in loader._model_mapping:
        raise BadInput(f"{ref} is a {config.model_type} model, which generates no text; use a causal or seq2seq model.")
    if getattr(loader._model_mapping[type(config)], "_is_stateful", False):
        raise BadInput(f"{ref} is a {config.model_type} model, whose state no two answers can share; use another.")
    dtype = "auto" if arithmetic == "bfloat16" else torch.float32
    device, spread = chosen_device(), spreads()
    mend = f"choose spread, which puts the rest elsewhere, {MEND}"
    mend = f"multiply in bfloat16, {mend}" if arithmetic == "float32" else mend
    with reading_model(called(ref, folder)):
        model, missing = read_weights(loader, folder, name, device=device, spread=spread, mend=mend, dtype=dtype)
    if missing:
        raise BadInput(f"{ref} lacks {len(missing)} weights of a language model ({missing[0]}), so it writes no text.")
    tokenizer = read_tokenizer(folder, ref)
    read_last_position_fast(model)
    if arithmetic == "bfloat16":
        multiply_in_bf16(model)
    model = dispatch(model) if spread else put_model(model, device, name, mend)
    return LanguageModel(name, digest, "seq2seq" if seq2seq else "causal", model, tokenizer, arithmetic)
