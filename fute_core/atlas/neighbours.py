"""What lies nearest to an embedding, in the space of everything that compares with it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fute_core.atlas.atlas import Atlas, open_atlas
from fute_core.atlas.comparable import comparable, shipped_calibrator
from fute_core.atlas.gallery import Item
from fute_core.atlas.nearest import json_rows
from fute_core.datasets.probes import load_probes
from fute_core.space.row_spread import Over
from fute_core.space.scale import fit_scale
from fute_core.space.space import TaskSpace
from fute_core.tasks import Kind
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store


def nearest_of_each(
    store: "Store", embeddings: Sequence[TaskEmbedding], k: int, kind: Kind | None = None, interval: Over = "texts"
) -> list[dict[str, Any]]:
    """Find the nearest of each embedding among the stored and the shipped ones that compare with it.

    Parameters
    ----------
    store : Store
        Holds what users made.
    embeddings : sequence of TaskEmbedding
        Those to find neighbours of.
    k : int
        How many neighbours each.
    kind : {"dataset", "model", "prompt"}, optional
        Only neighbours of this kind.
    interval : {"texts", "rows", "both"}, default "texts"
        What intervals are over, see `Atlas.nearest`.

    Returns
    -------
    list of dict
        One for each embedding, as JSON values: `neighbours` with the columns of `nearest.COLUMNS`, None where a number
        is not known; `verdict` as `Verdict.as_json`, None without a dataset; `notes`, sentences about the calibration.
    """
    stored: list[TaskEmbedding] | None = None
    atlases: dict[bool, Atlas] = {}
    found: list[dict[str, Any]] = []
    for embedding in embeddings:
        if shipped_calibrator(embedding) is not None:
            pair = embedding.provenance.pair
            atlas = atlases[pair] = atlases.get(pair) or open_atlas(pair, store)
        else:
            stored = store.embeddings() if stored is None else stored
            others = comparable(stored, embedding)
            if not others:
                found.append({"neighbours": [], "verdict": None, "notes": []})
                continue
            atlas = _atlas_of([*others, embedding], embedding, store)
        found.append(_told(atlas, embedding, k, kind, interval))
    return found


def _told(atlas: Atlas, embedding: TaskEmbedding, k: int, kind: Kind | None, interval: Over) -> dict[str, Any]:
    verdict = atlas.verdict(embedding)
    rows = json_rows(atlas.nearest_rows(embedding, k, kind, None, interval))
    return {
        "neighbours": rows,
        "verdict": None if verdict is None else verdict.as_json(),
        "notes": [*atlas.space.notes, *_without_rows(embedding, rows, interval)],
    }


def _without_rows(embedding: TaskEmbedding, rows: Sequence[dict[str, Any]], interval: Over) -> list[str]:
    """That intervals are over texts alone where more was wanted, and why."""
    if interval == "texts" or not any(row["interval"] == "texts" for row in rows):
        return []
    if embedding.kind != "dataset":
        return [f"{embedding.name} has no rows, so its intervals are over the probe texts alone."]
    return [
        f"The rows of {embedding.name} are not at hand, so its intervals are over the probe texts alone; embed your "
        "file again with --interval, which fits its heads anew and nothing else."
    ]


def _atlas_of(embeddings: Sequence[TaskEmbedding], own: TaskEmbedding, store: "Store") -> Atlas:
    """A space that all its embeddings shape, with a scale that does not count the one that is asked about."""
    space = TaskSpace(embeddings)
    scale = fit_scale(space, [i for i, e in enumerate(embeddings) if e is not own])
    items = tuple(Item(e, {}) for e in embeddings)
    return Atlas(items, space, scale, load_probes(own.provenance.pair), None, store)
