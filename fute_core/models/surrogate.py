"""Opening the encoder by name, folder or Hub id.

The identity of a surrogate (`surrogate_identity`) needs no torch, so that a stored vector is found without it.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fute_core.errors import BadInput
from fute_core.home import GALLERY, gallery_folder
from fute_core.models.adapters import base_folder
from fute_core.models.device import chosen_device
from fute_core.models.encoder import MAX_LENGTH, Surrogate
from fute_core.models.files import reading_model, resolve_model
from fute_core.models.identity import folder_identity, kept_per_weights
from fute_core.models.kinds import check_encoder
from fute_core.models.packaged import check_packaged, packaged_folder
from fute_core.models.packaged_encoders import ENCODERS
from fute_core.models.pooling import read_pooling
from fute_core.models.published import PUBLISHED
from fute_core.models.room import put_model
from fute_core.models.spelling import open_tokenizer
from fute_core.models.weights import LOCAL, read_weights

if TYPE_CHECKING:
    from fute_core.store.store import Store

DEFAULT_SURROGATE = "bge-small"
MINILM = "minilm"
"""The packaged encoder that is read where its package has it; all others are converted first."""
ALIASES = {MINILM: lambda: packaged_folder(MINILM) / "model", **ENCODERS}


def default_surrogate() -> str:
    """Tell which encoder reads where none is named: the one that read the gallery that the atlas is opened on.

    Returns
    -------
    str
        A packaged name, a folder, or a Hub id.

    Raises
    ------
    BadInput
        Where `FUTE_GALLERY` names a folder without a gallery.
    """
    folder = gallery_folder()
    return DEFAULT_SURROGATE if folder == GALLERY else reader_of(folder)


@lru_cache(maxsize=2)
def reader_of(folder: Path) -> str:
    """Tell which encoder read a gallery.

    Parameters
    ----------
    folder : Path
        Where the gallery lies.

    Returns
    -------
    str
        A packaged name, a folder, or a Hub id.

    Raises
    ------
    BadInput
        For a folder without a gallery.
    """
    try:
        return str(json.loads((folder / "gallery.json").read_text("utf-8"))["surrogate"])
    except (OSError, ValueError, KeyError, TypeError):
        raise BadInput(
            f"{folder} holds no gallery of this version; write one there with `fute gallery read --to`, or unset "
            "FUTE_GALLERY."
        ) from None


def surrogate_identity(ref: str = DEFAULT_SURROGATE) -> tuple[str, str]:
    """Tell which weights a name means, without loading them. Only a Hub id may use the network.

    Parameters
    ----------
    ref : str, default "bge-small"
        A packaged name, a folder, or a Hub id.

    Returns
    -------
    tuple of (str, str)
        Its name, and the digest of its weights and tokenizer, and of how it is read.

    Raises
    ------
    BadInput
        For a folder that holds no model.
    Unavailable
        For a model that is not installed or cannot be fetched.
    """
    name, weights = folder_identity(ref, ALIASES, check_encoder)
    return name, read_pooling(resolve_model(ref, ALIASES)).known_as(weights)


def load_surrogate(ref: str = DEFAULT_SURROGATE, store: "Store | None" = None) -> Surrogate:
    """Load an encoder onto the chosen device. The weights are read once and shared by all who ask for them.

    Parameters
    ----------
    ref : str, default "bge-small"
        A packaged name, a folder, or a Hub id.
    store : Store, optional
        Where pooled features are kept; by default nowhere.

    Returns
    -------
    Surrogate
        Frozen, in eval mode.

    Raises
    ------
    BadInput
        For an architecture that is no encoder, a folder without safetensors weights, and files that are damaged or lack
        a part of the encoder.
    Unavailable
        For a model that is not installed or cannot be fetched.
    """
    opened = _opened(ref)
    return opened if store is None else opened.keeping_in(store)


@kept_per_weights(surrogate_identity, chosen_device)
def _opened(ref: str = DEFAULT_SURROGATE) -> Surrogate:
    name, digest = surrogate_identity(ref)
    folder = resolve_model(ref, ALIASES)
    if ref == MINILM:
        check_packaged(ref, [folder / name for name in PUBLISHED[ref]])
    device = chosen_device()
    with reading_model(f"Surrogate {name!r}"):
        model, tokenizer, missing = _load(name, folder, device)
    if missing:
        raise BadInput(
            f"Surrogate {name!r} lacks {len(missing)} weights of its encoder ({missing[0]}); save the whole model."
        )
    longest = getattr(model.config, "max_position_embeddings", MAX_LENGTH)
    longest -= 2 if "roberta" in model.config.model_type else 0
    model = put_model(model, device, f"Surrogate {name!r}")
    return Surrogate(name, digest, model, tokenizer, min(MAX_LENGTH, longest), read_pooling(folder))


def _load(name: str, folder: Path, device: str) -> tuple[Any, Any, list[str]]:
    """Encoder, tokenizer, and the names of weights that the files lack, except for a pooler, which is not used."""
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(base_folder(folder), **LOCAL)
    loader = _t5_encoder(config.model_type) or AutoModel
    model, missing = read_weights(loader, folder, f"Surrogate {name!r}", device=device)
    return model, open_tokenizer(folder), [key for key in missing if "pooler" not in key]


def _t5_encoder(family: str) -> Any:
    """The class that loads the encoder half alone, or None for a family that has no other half."""
    import transformers

    names = {"t5": "T5EncoderModel", "mt5": "MT5EncoderModel", "umt5": "UMT5EncoderModel"}
    return getattr(transformers, names[family]) if family in names else None
