"""The shipped reference: datasets, black boxes and prompts with their provenance, true skill and answers.

`data/gallery/` holds open formats only: `gallery.json` (items, facts, provenance), and a safetensors file for single
texts and one for pairs, with each item's answers on the probe texts (float16), the Fisher parts of datasets (float16),
the surrogate's features of the probe texts (float32), the whitening, and the places on the default map. Factors and
means are not stored: they follow from the answers at once.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.errors import BadInput
from fute_core.gram import gram_factor
from fute_core.home import GALLERY, galleries_folder, gallery_folder
from fute_core.methods.functional import log_odds
from fute_core.space.calibration import Calibrator
from fute_core.space.scale import Scale
from fute_core.space.space import TaskSpace
from fute_core.vectors import Block, Provenance, TaskEmbedding, silent_values

FOLDER = GALLERY
FORMAT = 5
MEND = "write one there with `fute gallery read --to`, or unset FUTE_GALLERY"


@dataclass(frozen=True)
class Item:
    """A point of the atlas with what is known about it.

    Parameters
    ----------
    embedding : TaskEmbedding
        Its vector, name, kind, family and provenance.
    facts : mapping of str
        accuracy, skill, architecture, base_model, base_licence, language_model, dataset, labels, template, choices,
        title, licence, cite, source and shipped, as far as they apply.
    answers : ndarray of float32, shape (n_probes, k), optional
        Label distributions on the probe texts, rows of NaN where there is no answer; None where they are not known.
    """

    embedding: TaskEmbedding
    facts: Mapping[str, Any]
    answers: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Gallery:
    """What ships for one arity, single texts or text pairs.

    Parameters
    ----------
    items : tuple of Item, length n
        Datasets, models and prompts.
    calibrator : Calibrator
        Fitted on the items.
    basis : ndarray of float64, shape (n_probes, r)
        Orthonormal basis of the probe texts, see `methods.functional.probe_basis`.
    coordinates : ndarray of float32, shape (n, 2)
        Places on the default map.
    scales : mapping of int to Scale
        What a similarity means after so many probe texts, rising; see `evaluation.parts.newcomers`.
    features : ndarray of float32, shape (n_probes, hidden), optional
        The surrogate's features of the probe texts, so that nobody has to read them again; None where they do not ship.
    """

    items: tuple[Item, ...]
    calibrator: Calibrator
    basis: NDArray[np.float64]
    coordinates: NDArray[np.float32]
    scales: Mapping[int, Scale]
    features: NDArray[np.float32] | None = None

    @property
    def scale(self) -> Scale:
        """What a similarity means on all probe texts."""
        return self.scales[max(self.scales)]

    @cached_property
    def space(self) -> TaskSpace:
        """The items under their calibrator, made once a process; what users add is placed into it.

        Returns
        -------
        TaskSpace
            The space of the items, in their order.
        """
        return TaskSpace([item.embedding for item in self.items], calibrator=self.calibrator)


def gallery_path(pair: bool, folder: Path = FOLDER) -> Path:
    """Name the file with the arrays of a gallery.

    Parameters
    ----------
    pair : bool
        Text pairs instead of single texts.
    folder : Path
        Where galleries lie.

    Returns
    -------
    Path
        A safetensors file; it may not exist.
    """
    return folder / ("pairs.safetensors" if pair else "single.safetensors")


def other_galleries(pair: bool) -> dict[str, Path]:
    """Find the galleries that other encoders have read, beside the one that is opened.

    Parameters
    ----------
    pair : bool
        Text pairs instead of single texts.

    Returns
    -------
    dict of str to Path
        Folders by name, as `fute gallery read` writes them into the home.
    """
    folder, opened = galleries_folder(), gallery_folder().resolve()
    there = sorted(folder.iterdir()) if folder.is_dir() else ()
    return {p.name: p for p in there if gallery_path(pair, p).is_file() and p.resolve() != opened}


def load_gallery(pair: bool = False, folder: Path | None = None) -> Gallery | None:
    """Load the gallery of single texts or of text pairs, once a process.

    Parameters
    ----------
    pair : bool, default False
        Text pairs instead of single texts.
    folder : Path, optional
        Where it lies; by default the folder that `FUTE_GALLERY` names, or what ships.

    Returns
    -------
    Gallery or None
        None where there is none.

    Raises
    ------
    BadInput
        For a gallery of another format, and where `FUTE_GALLERY` names a folder without one.
    """
    chosen = folder or gallery_folder()
    gallery = kept_gallery(pair, chosen)
    if gallery is None and folder is None and chosen != FOLDER:
        texts = "text pairs" if pair else "single texts"
        raise BadInput(f"FUTE_GALLERY names {chosen}, which holds no gallery of {texts}; {MEND}.")
    return gallery


@lru_cache(maxsize=4)
def kept_gallery(pair: bool, folder: Path) -> Gallery | None:
    """Load what lies in a folder; vectors are made again from the answers.

    Parameters
    ----------
    pair : bool
        Text pairs instead of single texts.
    folder : Path
        Where it lies.

    Returns
    -------
    Gallery or None
        None where there is none.

    Raises
    ------
    BadInput
        For a gallery of another format, and for one that is damaged.
    """
    if not gallery_path(pair, folder).exists():
        return None
    with telling_damage(folder):
        return _read(pair, folder)


@contextmanager
def telling_damage(folder: Path) -> Iterator[None]:
    """Say in a sentence that files of a gallery cannot be read.

    Parameters
    ----------
    folder : Path
        Where it lies.

    Yields
    ------
    None
        Once, to the lines that read them.

    Raises
    ------
    BadInput
        For whatever goes wrong inside; tells how to get the files back.
    """
    from safetensors import SafetensorError

    try:
        yield
    except BadInput:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, SafetensorError) as error:
        told = f"{type(error).__name__}: {error}"
        raise BadInput(f"The gallery in {folder} is damaged ({told}); {_mend(folder)}.") from error


def _mend(folder: Path) -> str:
    return "put it back as it ships, or install Task Atlas again" if folder == FOLDER else MEND


def _read(pair: bool, folder: Path) -> Gallery:
    from safetensors.numpy import load_file

    document = json.loads((folder / "gallery.json").read_text("utf-8"))
    if document["format"] != FORMAT:
        other = f"of another format ({document['format']}, not {FORMAT})"
        raise BadInput(f"{folder} is a gallery {other}; {_mend(folder)}.")
    part = document["pairs" if pair else "single"]
    arrays = load_file(gallery_path(pair, folder))
    if (n := sum(item["k"] for item in part["items"])) != arrays["answers"].shape[1]:
        raise ValueError(f"answers have {arrays['answers'].shape[1]} columns, where the items have {n} labels")
    if len(arrays.get("fisher", ())) != (n := sum(bool(item["fisher"]) for item in part["items"])):
        raise ValueError(f"{len(arrays.get('fisher', ()))} rows of Fisher values, where {n} items have them")
    if broken := next((name for name, held in arrays.items() if not np.isfinite(held).all()), None):
        raise ValueError(f"{broken} holds values that are no numbers")
    if not any(name.startswith("scale/") for name in arrays):
        raise ValueError("no scale is among its arrays")
    blocks = tuple(Block(**block) for block in part["blocks"])
    basis = arrays["basis"].astype(np.float64)
    columns = np.split(arrays["answers"].astype(np.float32), np.cumsum([i["k"] for i in part["items"]])[:-1], axis=1)
    silent = silent_values(max(b.stop for b in blocks) - blocks[0].stop)
    items, fisher_row = [], 0
    for facts, answers in zip(part["items"], columns, strict=True):
        values = silent
        if facts["fisher"]:
            values = np.exp2(arrays["fisher"][fisher_row].astype(np.float32))
            fisher_row += 1
        embedding = TaskEmbedding(
            facts["name"],
            facts["kind"],
            values,
            blocks,
            facts["key"],
            Provenance(**facts["provenance"]),
            facts["family"],
            gram_factor(log_odds(answers), basis)[0],
        )
        items.append(Item(embedding, facts["facts"], answers))
    whitening = {"gram": arrays["whitening"].astype(np.float64)} if "whitening" in arrays else {}
    calibrator = Calibrator(whitening=whitening).fit([item.embedding for item in items])
    features = arrays.get("features")
    return Gallery(tuple(items), calibrator, basis, arrays["coordinates"], _scales(arrays), features)


def _scales(arrays: Mapping[str, NDArray[Any]]) -> dict[int, Scale]:
    """From arrays named "scale/512/newcomer/prompt dataset"."""
    found: dict[int, dict[str, dict[str, NDArray[np.float64]]]] = {}
    for name, values in arrays.items():
        if name.startswith("scale/"):
            _, n, what, kinds = name.split("/", 3)
            found.setdefault(int(n), {"null": {}}).setdefault(what, {})[kinds] = values.astype(np.float64)
    return {n: Scale(**parts) for n, parts in sorted(found.items())}
