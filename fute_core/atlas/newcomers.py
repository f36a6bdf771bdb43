"""Models that ship beside the gallery and shape nothing of it: fine-tuned language models, with their answers.

They lie in the atlas as what users add does: placed under the gallery's calibration, each judged as a newcomer.

`data/gallery/fine-tuned.json` has their facts and provenance, `fine-tuned.safetensors` the answers of each on the probe
texts (float16), by its name. Vectors follow from the answers, as the gallery's do.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path

import numpy as np

from fute_core.atlas.gallery import FOLDER, Gallery, Item, load_gallery, telling_damage
from fute_core.gram import gram_factor
from fute_core.home import gallery_folder, write_whole
from fute_core.methods.functional import log_odds
from fute_core.vectors import Provenance, TaskEmbedding, silent_values

FACTS, ANSWERS = "fine-tuned.json", "fine-tuned.safetensors"
BASE = "base_model"
"""Fact that only a shipped fine-tuned model has: the name of the language model that was tuned."""


def is_tuned(item: Item) -> bool:
    """Tell whether an item is a fine-tuned language model that ships.

    Parameters
    ----------
    item : Item
        Of the atlas.

    Returns
    -------
    bool
        False for what shaped the space, and for what users brought.
    """
    return BASE in item.facts


def shipped_newcomers(pair: bool) -> tuple[Item, ...]:
    """Give what ships beside a gallery, read once a process.

    Parameters
    ----------
    pair : bool
        Text pairs instead of single texts; over pairs nothing ships beside the gallery.

    Returns
    -------
    tuple of Item
        See `load_newcomers`; empty without a gallery.
    """
    return () if pair or load_gallery(pair) is None else kept_newcomers(gallery_folder())


@lru_cache(maxsize=2)
def kept_newcomers(folder: Path) -> tuple[Item, ...]:
    """Load what lies beside a gallery.

    Parameters
    ----------
    folder : Path
        Where a gallery of single texts lies.

    Returns
    -------
    tuple of Item
        See `load_newcomers`.
    """
    gallery = load_gallery(False, folder)
    return () if gallery is None else load_newcomers(gallery, folder)


def shipped_items(pair: bool) -> tuple[Item, ...]:
    """List everything that ships: what shaped the space, then the newcomers.

    Parameters
    ----------
    pair : bool
        Text pairs instead of single texts.

    Returns
    -------
    tuple of Item
        Empty where no gallery ships.
    """
    gallery = load_gallery(pair)
    return () if gallery is None else (*gallery.items, *shipped_newcomers(pair))


def load_newcomers(gallery: Gallery, folder: Path = FOLDER) -> tuple[Item, ...]:
    """Load the fine-tuned models that ship over single texts.

    Parameters
    ----------
    gallery : Gallery
        Whose probe texts they answered.
    folder : Path
        Where they lie; by default what ships.

    Returns
    -------
    tuple of Item
        With accuracy, skill and answers; empty where none ship.

    Raises
    ------
    BadInput
        Where the files are damaged.
    """
    if not (folder / FACTS).exists():
        return ()
    with telling_damage(folder):
        return _read(gallery, folder)


def _read(gallery: Gallery, folder: Path) -> tuple[Item, ...]:
    from safetensors.numpy import load_file

    answers = load_file(folder / ANSWERS)
    blocks = gallery.items[0].embedding.blocks
    silent = silent_values(max(b.stop for b in blocks) - blocks[0].stop)
    items = []
    for known in json.loads((folder / FACTS).read_text("utf-8")):
        given = answers[known["name"]].astype(np.float32)
        factor = gram_factor(log_odds(given), gallery.basis)[0]
        made = Provenance(**known["provenance"])
        embedding = TaskEmbedding(known["name"], "model", silent, blocks, known["key"], made, known["family"], factor)
        items.append(Item(embedding, known["facts"], given))
    return tuple(items)


def write_newcomers(items: Sequence[Item], folder: Path = FOLDER) -> None:
    """Write fine-tuned models, as `load_newcomers` reads them.

    Parameters
    ----------
    items : sequence of Item
        Models over single texts, with answers.
    folder : Path
        Where to write them.
    """
    from safetensors.numpy import save

    known = [
        {"name": i.embedding.name, "family": i.embedding.family, "key": i.embedding.key, "facts": dict(i.facts),
         "provenance": asdict(i.embedding.provenance)}
        for i in items
    ]  # fmt: skip
    answers = {i.embedding.name: i.answers.astype(np.float16) for i in items if i.answers is not None}
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / ANSWERS, save(answers))
    text = json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True)
    write_whole(folder / FACTS, f"{text}\n".encode())
    kept_newcomers.cache_clear()
