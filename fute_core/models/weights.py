"""Reading the weights of a model's folder: the same for encoders, language models and classifiers."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.errors import BadInput
from fute_core.models.adapters import base_folder, brings, is_adapter, join
from fute_core.models.claimed import check_size
from fute_core.models.device import PROCESSOR
from fute_core.models.digests import check_converted
from fute_core.models.room import MEND
from fute_core.models.straight import refuse_changes, telling_of_room, where_to

if TYPE_CHECKING:
    import torch

LOCAL = {"local_files_only": True, "trust_remote_code": False}
"""For everything that is read of a folder: nothing is fetched, and no code of the model's is run."""


def read_weights(
    loader: Any, folder: Path, name: str, *,
    device: str = PROCESSOR, spread: bool = False, mend: str = MEND, **given: Any,
) -> tuple[Any, list[str]]:  # fmt: skip
    """Read a model from safetensors files, straight to where it computes if that can be.

    Parameters
    ----------
    loader : type
        The class of `transformers` that makes the model.
    folder : Path
        With config and weights, or an adapter, which is joined with its base in main memory: what is spread already, no
        adapter can be joined with.
    name : str
        What the model is called, to begin a sentence with.
    device, spread, mend : str, bool, str, optional
        As in `straight.where_to`; by default the processor.
    **given : object
        What else the loader is to know, such as `dtype`.

    Returns
    -------
    tuple of (transformers.PreTrainedModel, list of str)
        The model, frozen and in eval mode, and the sorted names of its weights that the files lack.

    Raises
    ------
    BadInput
        For weights that fit neither the config nor the architecture, and for an adapter that cannot be joined.
    Unavailable
        For an adapter whose base is not on this machine, for a converted model that is not what was written, and where
        the device has no room for the model.
    """
    check_converted(folder)
    if is_adapter(folder):
        # In float32, so that the sum of both is not rounded to what the base is stored in.
        given = {**given, "dtype": "float32"}
        model, missing = _read(loader, base_folder(folder), given, brings(folder))
        return join(model, missing, folder)
    folder = folder.absolute()
    given |= where_to(folder, device, spread, given.get("dtype"), name, mend)
    with telling_of_room(name, mend):
        model, missing = _read(loader, folder, given, frozenset())
    refuse_changes(model, folder, name)
    return model, missing


def _read(loader: Any, folder: Path, given: dict[str, Any], brought: frozenset[str]) -> tuple[Any, list[str]]:
    """As `read_weights`, for a whole model; what is brought from elsewhere need not fit."""
    from transformers import AutoConfig
    from transformers.utils import logging

    config = given.get("config") or AutoConfig.from_pretrained(folder, **LOCAL)
    check_size(loader, config, folder.glob("*.safetensors"), folder)
    # Its bars would stand for a moment each; progress that a user sees is ours.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    # What does not fit is told here: transformers prints a table, and its error says no more than to look at that.
    model, info = loader.from_pretrained(
        folder, use_safetensors=True, output_loading_info=True, ignore_mismatched_sizes=True, **LOCAL, **given
    )
    other = [found for found in sorted(info["mismatched_keys"]) if found[0] not in brought]
    for key, stored, built in other:
        raise BadInput(
            f"{folder}: {key} has the shape {tuple(stored)}, where config.json asks for {tuple(built)}; correct "
            "config.json (id2label and num_labels where it is the last layer), or save the model again."
        )
    modules = dict(model.named_modules())
    for key in sorted(info["unexpected_keys"]):
        _place(model, modules, key, folder)
    model.eval().requires_grad_(False)
    return model, sorted(info["missing_keys"])


def _place(model: Any, modules: dict[str, Any], key: str, folder: Path) -> None:
    """Give a weight that the architecture leaves out to the layer it belongs to, where that is a bias of its output.

    What belongs to no layer of the model, such as the head of another task, is left out. Raises BadInput for a part of
    a layer that computes without it: the answers would be others than those of the model that was trained.
    """
    import torch

    name, _, part = key.rpartition(".")
    if beyond := _beyond(key, modules, model.base_model_prefix):
        raise BadInput(
            f"{folder} has weights {key}, of more layers than config.json asks for ({beyond}); correct config.json, or "
            "save the model again."
        )
    layer = modules.get(name)
    if layer is None or not any(True for _ in layer.parameters(recurse=False)):
        return
    if part == "bias" and not layer.weight.is_meta and isinstance(layer, torch.nn.Linear) and layer.bias is None:
        value = _stored(folder, key)
        if value is not None and value.shape == layer.weight.shape[:1]:
            layer.bias = torch.nn.Parameter(value.to(layer.weight))
            return
    raise BadInput(
        f"{folder} has weights {key}, which a {type(model).__name__} does not compute with; its answers would be "
        "wrong, so save it as the architecture that config.json names, or ask it as a function (CallablePredictor)."
    )


def _beyond(key: str, modules: dict[str, Any], prefix: str) -> str:
    """How many layers a list of the model has, such as "2 in encoder.layer", where a weight is of a later one."""
    import torch

    parts = key.split(".")
    for at, part in enumerate(parts):
        if not part.isdecimal():
            continue
        stem = ".".join(parts[:at])
        for name in (stem, f"{prefix}.{stem}", stem.removeprefix(f"{prefix}.")):
            if isinstance(found := modules.get(name), torch.nn.ModuleList) and int(part) >= len(found):
                return f"{len(found)} in {name}"
    return ""


def _stored(folder: Path, key: str) -> "torch.Tensor | None":
    from safetensors import safe_open

    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as weights:
            if key in weights.keys():  # noqa: SIM118 - it is no mapping
                found: torch.Tensor = weights.get_tensor(key)
                return found
    return None
