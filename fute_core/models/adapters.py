"""Adapters of peft, joined with the model that they adapt, where that is on this machine."""

import json
from pathlib import Path
from typing import Any

from fute_core.digest import digest
from fute_core.errors import BadInput, Unavailable, missing_library

DESCRIBED = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_NOT_ITS_ANSWERS = ("base_model_name_or_path", "revision", "inference_mode", "auto_mapping", "peft_version")
"""What the config of an adapter says besides what it computes; the base counts by its own weights."""
_HEADS = ("classifier.weight", "score.weight", "out_proj.weight", "logits_proj.weight", "summary.weight")


def is_adapter(folder: Path) -> bool:
    """Whether a folder holds an adapter alone.

    Parameters
    ----------
    folder : Path
        Any folder.

    Returns
    -------
    bool
        False where the whole model is there as well.
    """
    return (folder / DESCRIBED).is_file() and not (folder / "config.json").is_file()


def base_folder(folder: Path) -> Path:
    """Find the model that an adapter was trained on; nothing is fetched.

    Parameters
    ----------
    folder : Path
        Of the adapter; any other is its own base.

    Returns
    -------
    Path
        A folder: as the adapter names it, beside the adapter under its last name, or in the cache of the Hub.

    Raises
    ------
    BadInput
        For an adapter whose config is damaged or names no base.
    Unavailable
        Where the base is not on this machine; the sentence names it.
    """
    if not is_adapter(folder):
        return folder
    named = _described(folder).get("base_model_name_or_path")
    if not isinstance(named, str) or not named:
        raise BadInput(f"{folder / DESCRIBED} names no model under base_model_name_or_path; write its folder there.")
    for place in (Path(named).expanduser(), folder.parent / Path(named).name):
        if (place / "config.json").is_file() or is_adapter(place):
            return place
    fetched = _cached(named)
    if fetched is None:
        raise Unavailable(
            f"{folder} is an adapter of {named!r}, which is not here; put that model's folder beside it as "
            f"{folder.parent / Path(named).name}, or fetch it: hf download {named}"
        )
    return fetched


def _cached(named: str) -> Path | None:
    try:
        from huggingface_hub import snapshot_download

        found = Path(snapshot_download(named, local_files_only=True))
    except Exception:  # no id of the Hub, or not in its cache: the client says each in its own way
        return None
    return found if (found / "config.json").is_file() else None


def adapter_identity(folder: Path) -> str:
    """Digest what an adapter's config says of its answers.

    Parameters
    ----------
    folder : Path
        Of the adapter.

    Returns
    -------
    str
        The same wherever its base lies.
    """
    return digest({name: value for name, value in _described(folder).items() if name not in _NOT_ITS_ANSWERS})


def count_outputs(folder: Path) -> int | None:
    """Count the outputs of the classifying layer that an adapter brings.

    Parameters
    ----------
    folder : Path
        Of the adapter.

    Returns
    -------
    int or None
        None where it brings none.
    """
    from safetensors import safe_open

    with safe_open(folder / WEIGHTS, "np") as weights:
        for name in _own_layers(weights.keys()):
            if name.endswith(_HEADS) and len(shape := weights.get_slice(_key(name)).get_shape()) == 2:
                return int(shape[0])
    return None


def join(model: Any, missing: list[str], folder: Path) -> tuple[Any, list[str]]:
    """Join an adapter with its base.

    Parameters
    ----------
    model : transformers.PreTrainedModel
        The base, which is changed.
    missing : list of str
        Weights that the base's files lack.
    folder : Path
        Of the adapter.

    Returns
    -------
    tuple of (transformers.PreTrainedModel, list of str)
        One model without peft's layers, and the weights that neither has.

    Raises
    ------
    BadInput
        For a kind of adapter that cannot be joined, such as prompt tuning.
    """
    try:
        from peft import PeftModel
    except ModuleNotFoundError as error:
        raise missing_library(error) or error from error
    kind = _described(folder).get("peft_type")
    joined = PeftModel.from_pretrained(model, str(folder))
    if not hasattr(joined.base_model, "merge_and_unload"):
        raise BadInput(f"{folder} is an adapter of kind {kind}, which cannot be joined with its base; use LoRA.")
    whole = joined.merge_and_unload()
    whole.eval().requires_grad_(False)
    brought = brings(folder)
    return whole, [name for name in missing if name not in brought]


def brings(folder: Path) -> frozenset[str]:
    """List the weights of the base that an adapter has whole, such as those of its own classifying layer.

    Parameters
    ----------
    folder : Path
        Of the adapter.

    Returns
    -------
    frozenset of str
        Names as in the base.
    """
    from safetensors import safe_open

    with safe_open(folder / WEIGHTS, "np") as weights:
        return frozenset(_own_layers(weights.keys()))


def _own_layers(keys: list[str]) -> list[str]:
    """Names in the base of the weights that an adapter has whole."""
    return [key.removeprefix("base_model.model.") for key in keys if "lora_" not in key]


def _key(name: str) -> str:
    return f"base_model.model.{name}"


def _described(folder: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((folder / DESCRIBED).read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(f"{folder / DESCRIBED} cannot be read; save the adapter again with save_pretrained.") from error
