"""The shipped reference: datasets, black boxes and prompts with their provenance, true skill and answers.

`data/gallery/` holds open formats only: `gallery.json` (items, facts, provenance), and a safetensors file for single
texts and one for pairs, with each item's answers on the probe texts (float16), the Fisher parts of datasets (float16),
the calibrator, and the places on the default map. Vectors are not stored: they follow from the answers in milliseconds.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fute_core.errors import BadInput
from fute_core.home import DATA
from fute_core.methods.functional import compress, log_odds
from fute_core.space.calibration import Calibrator
from fute_core.space.space import TaskSpace
from fute_core.tasks import Block, Provenance, TaskEmbedding

FOLDER = DATA / "gallery"
FORMAT = 2


@dataclass(frozen=True)
class Item:
    """A point of the atlas with what is known about it.

    facts : accuracy, skill, architecture, language_model, dataset, labels, template, choices, title, licence, cite,
        source, shipped, as far as they apply.
    answers : float32 (n_probes, k) label distribution on the probe texts, rows of NaN where there is no answer; None
        where it is not known.
    """

    embedding: TaskEmbedding
    facts: Mapping[str, Any]
    answers: np.ndarray | None = None


@dataclass(frozen=True)
class Gallery:
    """The items of one arity, the calibrator fitted on them, the probe texts' basis (m, r), and map places (n, 2).

    null : sorted similarities of pairs with different families, by pair of kinds ("dataset prompt"), each measured in a
        space whose whitening knew neither family's rows: what something new meets.
    """

    items: tuple[Item, ...]
    calibrator: Calibrator
    basis: np.ndarray
    coordinates: np.ndarray
    null: Mapping[str, np.ndarray]

    @cached_property
    def space(self) -> TaskSpace:
        """The items under their calibrator; what users add is placed into it, so it is made once a process."""
        return TaskSpace([item.embedding for item in self.items], calibrator=self.calibrator)


def gallery_path(pair: bool, folder: Path = FOLDER) -> Path:
    return folder / ("pairs.safetensors" if pair else "single.safetensors")


@lru_cache(maxsize=4)
def load_gallery(pair: bool = False, folder: Path = FOLDER) -> Gallery | None:
    """The shipped gallery of single texts or of pairs, vectors rebuilt; None where there is none."""
    from safetensors.numpy import load_file

    path = gallery_path(pair, folder)
    if not path.exists():
        return None
    document = json.loads((folder / "gallery.json").read_text("utf-8"))
    if document.get("format") != FORMAT:
        raise BadInput(f"{folder} is a gallery of another format ({document.get('format')}); build it again.")
    part = document["pairs" if pair else "single"]
    arrays = load_file(path)
    blocks = tuple(Block(**block) for block in part["blocks"])
    gram = next(b for b in blocks if b.name == "gram")
    basis = arrays["basis"].astype(np.float64)
    columns = np.split(arrays["answers"].astype(np.float32), np.cumsum([i["k"] for i in part["items"]])[:-1], axis=1)
    length = max(b.stop for b in blocks)
    items, fisher_row = [], 0
    for facts, answers in zip(part["items"], columns, strict=True):
        vector = np.zeros(length, np.float32)
        vector[gram.start : gram.stop] = compress(log_odds(answers), basis)[0]
        if facts["fisher"]:
            vector[gram.stop :] = np.exp2(arrays["fisher"][fisher_row].astype(np.float32))
            fisher_row += 1
        embedding = TaskEmbedding(
            facts["name"],
            facts["kind"],
            vector,
            blocks,
            facts["key"],
            Provenance(**facts["provenance"]),
            facts["family"],
        )
        items.append(Item(embedding, facts["facts"], answers))
    named = {name.removeprefix("calibrator/"): a for name, a in arrays.items() if name.startswith("calibrator/")}
    calibrator = Calibrator.from_arrays(named, part["calibrator"])
    null = {name.removeprefix("null/"): a.astype(np.float64) for name, a in arrays.items() if name.startswith("null/")}
    return Gallery(tuple(items), calibrator, basis, arrays["coordinates"], null)


def write_gallery(parts: Mapping[str, Mapping[str, Any]], folder: Path = FOLDER) -> None:
    """Write galleries ("single", "pairs"), each with items, calibrator, basis, coordinates and null."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    document: dict[str, Any] = {"format": FORMAT}
    for name, part in parts.items():
        items: Sequence[Item] = part["items"]
        blocks = items[0].embedding.blocks
        gram = next(b for b in blocks if b.name == "gram")
        fisher = [i.embedding.vector[gram.stop :] for i in items if i.embedding.vector[gram.stop :].any()]
        arrays, meta = part["calibrator"].to_arrays()
        tensors = {
            "answers": np.concatenate([i.answers for i in items], 1).astype(np.float16),
            "basis": part["basis"].astype(np.float32),
            "coordinates": part["coordinates"].astype(np.float32),
            **{f"calibrator/{key}": array.astype(np.float32) for key, array in arrays.items()},
            **{f"null/{kinds}": array.astype(np.float32) for kinds, array in part["null"].items()},
        }
        if fisher:  # As binary logarithms: the values span more orders of magnitude than float16 has.
            tensors["fisher"] = np.log2(np.maximum(np.stack(fisher), 1e-30)).astype(np.float16)
        save_file({key: np.ascontiguousarray(a) for key, a in tensors.items()}, gallery_path(name == "pairs", folder))
        document[name] = {
            "blocks": [asdict(b) for b in blocks],
            "calibrator": meta,
            "items": [
                {
                    "name": i.embedding.name,
                    "kind": i.embedding.kind,
                    "family": i.embedding.family,
                    "key": i.embedding.key,
                    "k": i.answers.shape[1],
                    "fisher": bool(i.embedding.vector[gram.stop :].any()),
                    "facts": dict(i.facts),
                    "provenance": asdict(i.embedding.provenance),
                }
                for i in items
            ],
        }
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / "gallery.json").write_text(text + "\n", "utf-8")
    load_gallery.cache_clear()


def rebuilt(items: Sequence[Item], basis: np.ndarray) -> tuple[Item, ...]:
    """The items with the vectors that reading the gallery would give: what the calibrator must be fitted on."""
    out = []
    for item in items:
        gram = next(b for b in item.embedding.blocks if b.name == "gram")
        answers = item.answers.astype(np.float16).astype(np.float32)
        vector = item.embedding.vector.copy()
        vector[gram.start : gram.stop] = compress(log_odds(answers), basis)[0]
        out.append(Item(replace(item.embedding, vector=vector), item.facts, answers))
    return tuple(out)
