"""The few items of the atlas that stand for the rest: `fute cover` without the command line."""

from typing import Any

import numpy as np

from fute_core.analysis.choosing import REACHED_BY_FEW
from fute_core.analysis.cover import cover, redundant
from fute_core.atlas.atlas import Atlas
from fute_core.space.scale import is_small, kin_level
from fute_core.tasks import Kind


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
        similarity from which an item repeats another, see `scale.kin_level`; None where nothing tells. `redundant`
        lists those that repeat another one.

    Raises
    ------
    BadInput
        Where there are fewer than k such items.
    """
    of_kind = [i for i, item in enumerate(atlas.items) if item.embedding.kind == kind]
    members = [i for i in of_kind if not is_small(atlas.items[i].embedding)]
    embeddings = [atlas.items[i].embedding for i in members]
    vectors = atlas.space.vectors[members].astype(np.float64)
    similarity = np.clip(vectors @ vectors.T, -1.0, 1.0)
    np.fill_diagonal(similarity, 1.0)
    found = cover(similarity, k)
    null = atlas.scale.reference(kind, kind)
    # What users say of their own items is not what the scale is measured on.
    known = [at for at, i in enumerate(members) if atlas.gallery is None or atlas.items[i].facts.get("shipped")]
    threshold = kin_level(atlas.scale, kind, [embeddings[i] for i in known], similarity[np.ix_(known, known)])
    doubtful = float(np.quantile(null, REACHED_BY_FEW)) if len(null) else 0.0

    def like(one: int, value: float) -> dict[str, Any]:
        share = atlas.scale.share(kind, kind, value)
        known = None if np.isnan(share) else round(share, 4)
        return {"name": embeddings[one].name, "share": known, "similarity": round(value, 4)}

    chosen = []
    for c in found.chosen:
        others = [int(i) for i in np.flatnonzero(found.represents == c) if i != c and found.similarity[i] > doubtful]
        others.sort(key=lambda i: -found.similarity[i])
        stands_for = [like(i, float(found.similarity[i])) for i in others]
        chosen.append({"name": embeddings[c].name, "family": embeddings[c].family, "stands_for": stands_for})
    repeats = [] if threshold is None else redundant(similarity, threshold, found.chosen)
    return {
        "kind": kind,
        "n": len(members),
        "k": k,
        "coverage": round(found.coverage, 4),
        "chosen": chosen,
        "too_small": [atlas.items[i].embedding.name for i in of_kind if i not in members],
        "unlike": [embeddings[i].name for i in np.flatnonzero(found.similarity <= doubtful)],
        "threshold": None if threshold is None else round(threshold, 4),
        "redundant": [
            {**like(one, float(similarity[one, other])), "repeats": embeddings[other].name} for one, other in repeats
        ],
    }
