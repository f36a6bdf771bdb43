"""Writing the shipped gallery, after it was built."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import FOLDER, FORMAT, Item, gallery_path, kept_gallery
from fute_core.atlas.newcomers import kept_newcomers
from fute_core.gram import gram_factor
from fute_core.methods.functional import log_odds
from fute_core.models.surrogate import DEFAULT_SURROGATE
from fute_core.space.scale import Scale


def write_gallery(
    parts: Mapping[str, Mapping[str, Any]], folder: Path = FOLDER, surrogate: str = DEFAULT_SURROGATE
) -> None:
    """Write the galleries, as `gallery.load_gallery` reads them.

    Parameters
    ----------
    parts : mapping of str to mapping
        For "single" and "pairs" the `items`, `calibrator`, `basis`, `coordinates`, `scales` and `features` of a
        `Gallery`. Every item has answers.
    folder : Path
        Where to write them.
    surrogate : str
        The encoder that read them: packaged name, folder or Hub id.
    """
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    document: dict[str, Any] = {"format": FORMAT, "surrogate": surrogate}
    for name, part in parts.items():
        items: Sequence[Item] = part["items"]
        blocks = items[0].embedding.blocks
        fisher = [i.embedding.values for i in items if i.embedding.values.any()]
        whitening = part["calibrator"].whitening or {}
        tensors = {
            "answers": np.concatenate([_answers(i) for i in items], 1).astype(np.float16),
            "basis": part["basis"].astype(np.float32),
            "features": part["features"].astype(np.float32),
            "coordinates": part["coordinates"].astype(np.float32),
            **_scale_arrays(part["scales"]),
        }
        if "gram" in whitening:
            tensors["whitening"] = whitening["gram"].astype(np.float32)
        if fisher:  # As binary logarithms: the values span more orders of magnitude than float16 has.
            tensors["fisher"] = np.log2(np.maximum(np.stack(fisher), 1e-30)).astype(np.float16)
        save_file({key: np.ascontiguousarray(a) for key, a in tensors.items()}, gallery_path(name == "pairs", folder))
        document[name] = {
            "blocks": [asdict(b) for b in blocks],
            "items": [
                {
                    "name": i.embedding.name,
                    "kind": i.embedding.kind,
                    "family": i.embedding.family,
                    "key": i.embedding.key,
                    "k": _answers(i).shape[1],
                    "fisher": bool(i.embedding.values.any()),
                    "facts": dict(i.facts),
                    "provenance": asdict(i.embedding.provenance),
                }
                for i in items
            ],
        }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "gallery.json").write_text(text + "\n", "utf-8")
    kept_gallery.cache_clear()
    kept_newcomers.cache_clear()


def _scale_arrays(scales: Mapping[int, Scale]) -> dict[str, NDArray[np.float32]]:
    return {
        f"scale/{n}/{what}/{kinds}": values.astype(np.float32)
        for n, scale in scales.items()
        for what, pairs in vars(scale).items()
        for kinds, values in pairs.items()
    }


def rebuilt(items: Sequence[Item], basis: NDArray[np.float64]) -> tuple[Item, ...]:
    """Make items as they will be once they are written and read again, with answers rounded to float16.

    Parameters
    ----------
    items : sequence of Item
        Items with answers.
    basis : ndarray of float64, shape (n_probes, r)
        Basis of the probe texts.

    Returns
    -------
    tuple of Item
        The same with the factors that `gallery.load_gallery` will give: what the calibrator has to be fitted on.
    """
    out = []
    for item in items:
        answers = _answers(item).astype(np.float16).astype(np.float32)
        factor = gram_factor(log_odds(answers), basis)[0]
        out.append(Item(replace(item.embedding, factor=factor), item.facts, answers))
    return tuple(out)


def _answers(item: Item) -> NDArray[np.float32]:
    if item.answers is None:
        raise ValueError(f"{item.embedding.name!r} has no answers, and a gallery is made of them.")
    return item.answers
