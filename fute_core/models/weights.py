"""Reading the weights of a model's folder: the same for encoders, language models and classifiers."""

from pathlib import Path
from typing import Any

LOCAL = {"local_files_only": True, "trust_remote_code": False}
"""For everything that is read of a folder: nothing is fetched, and no code of the model's is run."""


def read_weights(loader: Any, folder: Path, **given: Any) -> tuple[Any, list[str]]:
    """Read a model from safetensors files.

    Parameters
    ----------
    loader : type
        The class of `transformers` that makes the model.
    folder : Path
        With config and weights.
    **given : object
        What else the loader is to know, such as `dtype`.

    Returns
    -------
    tuple of (transformers.PreTrainedModel, list of str)
        The model, frozen and in eval mode, and the sorted names of its weights that the files lack.
    """
    from transformers.utils import logging

    # Its bars would stand for a moment each; progress that a user sees is ours.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    model, info = loader.from_pretrained(folder, use_safetensors=True, output_loading_info=True, **LOCAL, **given)
    model.eval().requires_grad_(False)
    return model, sorted(info["missing_keys"])
