"""The few items of the atlas that stand for the rest: `fute cover` without the command line."""

from typing import Any

import numpy as np

from fute_core.analysis.choosing import REACHED_BY_FEW
from fute_core.analysis.cover import cover, redundant
from fute_core.atlas.atlas import Atlas
from fute_core.space.scale import Newcomers, is_small
from fute_core.tasks import Kind

NEWCOMERS: tuple[Newcomers, ...] = (0, 1, 2)


def cover_json(atlas: Atlas, k: int, kind: Kind) -> dict[str, Any]:
    """Choose the k items of a kind that stand for the others, and say which are redundant.

    Parameters
    ----------
    atlas : Atlas
        The space.
    k : int
        How many items to choose.
    kind : {"dataset", "model", "prompt"}
        Of what.

    Returns
    -------
    dict
        JSON values. `kind`, `n`, `k` and `coverage`, the mean similarity to the chosen ones. `chosen` has a row for
        each, with the items it `stands_for`. `too_small` are datasets that are left out, see `scale.is_small`. `unlike`
        are items whose chosen one is no more like them than one in twenty items for other jobs. `threshold` is the
        similarity from which a shipped item repeats another, see `Scale.same_level`; None where nothing tells.
        `redundant` lists those that repeat another one; beside newcomers the level is that of newcomers.

    Raises
    ------
    BadInput
        Where there are fewer than k such items.
    """
    of_kind = [i for i, item in enumerate(atlas.items) if item.embedding.kind == kind]
    members = [i for i in of_kind if not is_small(atlas.items[i].embedding)]
    embeddings = [atlas.items[i].embedding for i in members]
    similarity = atlas.space.cosines(members, members).astype(np.float64)
    found = cover(similarity, k)
    new = np.array([atlas.meaning.is_new(e) for e in embeddings], int)
    newcomers = new[:, None] + new[None, :]
    nulls = [atlas.scale.reference(kind, kind, n) for n in NEWCOMERS]
    levels = [atlas.scale.same_level(kind, kind, n) for n in NEWCOMERS]
    few = np.array([float(np.quantile(null, REACHED_BY_FEW)) if len(null) else 0.0 for null in nulls])
    repeated = np.array([np.inf if level is None else level for level in levels])[newcomers]
    doubtful = few[newcomers[np.arange(len(members)), found.represents]]

    def like(one: int, other: int) -> dict[str, Any]:
        value = float(similarity[one, other])
        share = atlas.meaning.share(embeddings[one], embeddings[other], value)
        known = None if np.isnan(share) else round(share, 4)
        return {"name": embeddings[one].name, "share": known, "similarity": round(value, 4)}

    chosen = []
    for c in found.chosen:
        at = np.flatnonzero((found.represents == c) & (found.similarity > doubtful))
        others = [int(i) for i in at if i != c]
        others.sort(key=lambda i: -found.similarity[i])
        stands_for = [like(i, c) for i in others]
        chosen.append({"name": embeddings[c].name, "family": embeddings[c].family, "stands_for": stands_for})
    repeats = redundant(similarity, repeated, found.chosen)
    return {
        "kind": kind,
        "n": len(members),
        "k": k,
        "coverage": round(found.coverage, 4),
        "chosen": chosen,
        "too_small": [atlas.items[i].embedding.name for i in of_kind if i not in members],
        "unlike": [embeddings[i].name for i in np.flatnonzero(found.similarity <= doubtful)],
        "threshold": None if levels[0] is None else round(levels[0], 4),
        "redundant": [{**like(one, other), "repeats": embeddings[other].name} for one, other in repeats],
    }
