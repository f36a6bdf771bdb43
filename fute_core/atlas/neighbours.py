"""What lies nearest to an embedding, in a space of everything that compares with it."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from fute_core.atlas.comparable import comparable, shipped_calibrator
from fute_core.atlas.gallery import load_gallery
from fute_core.space.scale import Scale, fit_scale
from fute_core.space.space import TaskSpace
from fute_core.tasks import TaskEmbedding

Members = frozenset[tuple[str, str, str]]
"""Name, kind and key of everything in a space."""


def nearest_of_each(
    stored: Iterable[TaskEmbedding], embeddings: Sequence[TaskEmbedding], k: int
) -> list[dict[str, Any]]:
    """Find the nearest of each embedding among the stored and the shipped ones that compare with it.

    Embeddings that meet the same others share one space, which is calibrated once.

    Parameters
    ----------
    stored : iterable of TaskEmbedding
        Stored ones.
    embeddings : sequence of TaskEmbedding
        Those to find neighbours of.
    k : int
        How many neighbours each.

    Returns
    -------
    list of dict
        One for each embedding, as JSON values. `neighbours` is a list of `name`, `kind`, `family`, `similarity` (-1 to
        1) and `share`: of the pairs known to do different jobs, how many are as similar (0 to 1), None where there are
        too few to tell. `notes` are sentences to know about the calibration.
    """
    stored = list(stored)
    spaces: dict[Members, TaskSpace] = {}
    return [_nearest(comparable(stored, embedding), embedding, k, spaces) for embedding in embeddings]


def _nearest(
    others: Sequence[TaskEmbedding], embedding: TaskEmbedding, k: int, spaces: dict[Members, TaskSpace]
) -> dict[str, Any]:
    if not others:
        return {"neighbours": [], "notes": []}
    members = frozenset((e.name, e.kind, e.key) for e in (*others, embedding))
    if members not in spaces:
        spaces[members] = TaskSpace([*others, embedding], calibrator=shipped_calibrator(embedding))
    space = spaces[members]
    gallery = load_gallery(embedding.provenance.pair)
    own = space.index(embedding.name, embedding.kind)
    if gallery is not None and space.calibrator is gallery.calibrator:
        scale = Scale(gallery.null)
    else:
        scale = fit_scale(space, [i for i in range(len(space)) if i != own])
    found = space.neighbours(embedding.name, k, of_kind=embedding.kind)
    rows = []
    for n in found:
        share = scale.share(embedding.kind, n.kind, n.similarity)
        row = {"name": n.name, "kind": n.kind, "family": n.family, "similarity": round(float(n.similarity), 4)}
        rows.append({**row, "share": None if np.isnan(share) else round(share, 4)})
    return {"neighbours": rows, "notes": list(space.notes)}
