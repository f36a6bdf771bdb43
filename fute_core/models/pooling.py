"""How an encoder was trained to be read: which hidden states make its vector, and what stands before every text."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from fute_core.digest import digest
from fute_core.models.adapters import base_folder, is_adapter

if TYPE_CHECKING:
    import torch

POOLING_FILE = "1_Pooling/config.json"
PROMPTS_FILE = "config_sentence_transformers.json"


@dataclass(frozen=True)
class Pooling:
    """How texts become vectors.

    Parameters
    ----------
    pooling : {"mean", "first", "last"}, default "mean"
        The mean of the hidden states of all tokens, or that of the first or last token alone; the last knows the whole
        text in a decoder.
    prefix : str, default ""
        What is put before every text; of a pair before its first text.
    """

    pooling: Literal["mean", "first", "last"] = "mean"
    prefix: str = ""

    def pooled(self, hidden: "torch.Tensor", mask: "torch.Tensor") -> "torch.Tensor":
        """Make a vector of each text's hidden states.

        Parameters
        ----------
        hidden : Tensor of float32, shape (b, t, hidden)
            Hidden states.
        mask : Tensor of float32, shape (b, t)
            1 at real tokens.

        Returns
        -------
        Tensor of float32, shape (b, hidden)
            One for each text.
        """
        if self.pooling == "first":
            return hidden[:, 0]
        if self.pooling == "last":
            import torch

            places = torch.arange(mask.shape[1], device=mask.device)
            return hidden[torch.arange(len(hidden), device=mask.device), (mask * places).argmax(1)]
        return (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)

    def known_as(self, weights: str) -> str:
        """Add to the digest of weights how they are read.

        Parameters
        ----------
        weights : str
            Digest of an encoder's weights and tokenizer.

        Returns
        -------
        str
            That digest itself for `PLAIN`.
        """
        return weights if self == PLAIN else digest((weights, self.pooling, self.prefix))


PLAIN = Pooling()
"""The mean without a prefix: how an encoder is read that says nothing."""


def read_pooling(folder: Path) -> Pooling:
    """Read how a model's folder says that it is read, in the files of sentence-transformers.

    Only the first token and a default prompt are followed. Whatever else a folder says, the mean is read, which any
    encoder gives.

    Parameters
    ----------
    folder : Path
        Of the model; an adapter that says nothing is read as its base.

    Returns
    -------
    Pooling
        Mean and no prefix where the folder says nothing.
    """
    if is_adapter(folder) and not any((folder / name).is_file() for name in (POOLING_FILE, PROMPTS_FILE)):
        folder = base_folder(folder)
    said, prompts = _read(folder / POOLING_FILE), _read(folder / PROMPTS_FILE)
    first = said.get("pooling_mode_cls_token") is True or said.get("pooling_mode") == "cls"
    given = prompts.get("prompts")
    prefix = given.get(prompts.get("default_prompt_name"), "") if isinstance(given, dict) else ""
    return Pooling("first" if first else "mean", prefix if isinstance(prefix, str) else "")


def write_pooling(folder: Path, pooling: Pooling) -> None:
    """Write into a model's folder how it is read, so that `read_pooling` and sentence-transformers find it.

    Parameters
    ----------
    folder : Path
        Of the model.
    pooling : Pooling
        How it is read.
    """
    (folder / POOLING_FILE).parent.mkdir()
    modes = {
        "pooling_mode_cls_token": pooling.pooling == "first",
        "pooling_mode_mean_tokens": pooling.pooling == "mean",
    }
    (folder / POOLING_FILE).write_text(json.dumps(modes), "utf-8")
    prompts = {"prompts": {"text": pooling.prefix}, "default_prompt_name": "text"}
    (folder / PROMPTS_FILE).write_text(json.dumps(prompts), "utf-8")


def _read(path: Path) -> dict[str, Any]:
    """An object of JSON; an empty one where there is none that can be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
