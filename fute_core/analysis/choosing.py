"""Ranking candidates for a dataset in the atlas: `fute select` without the command line."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.analysis.candidates import Candidate
from fute_core.analysis.ranking import Rankable, Selection, select
from fute_core.atlas.atlas import Atlas
from fute_core.atlas.gallery import Item
from fute_core.atlas.same_texts import calibrator_on, provisional, scale_on_texts
from fute_core.errors import BadInput
from fute_core.methods.functional import log_odds
from fute_core.space.scale import Newcomers
from fute_core.tasks import Kind

REACHED_BY_FEW = 0.95
"""Quantile of the different-job pairs that a similarity has to exceed before it says anything."""


def choose(atlas: Atlas, target: Item, candidates: Sequence[Candidate], basis: NDArray[np.float64]) -> Selection:
    """Rank candidates by their agreement with the target, and with one another, on the texts that all have answered.

    Parameters
    ----------
    atlas : Atlas
        The space of all.
    target : Item
        The dataset.
    candidates : sequence of Candidate
        At least one.
    basis : ndarray of float64, shape (n_probes, r)
        Basis of the atlas's probe texts, see `atlas.same_texts.atlas_basis`.

    Returns
    -------
    Selection
        Ranking, winner and reason.

    Raises
    ------
    BadInput
        For no candidates, none with texts in common, or a target whose answers are not known.
    """
    if target.answers is None:
        raise BadInput(f"The answers of {target.embedding.name!r} on the probe texts are not stored; embed it again.")
    if not candidates:
        raise BadInput("There is nothing to choose from; name at least one prompt.")
    common = set(np.flatnonzero(~np.isnan(target.answers).any(1)).tolist())
    for candidate in candidates:
        common &= set(candidate.answers.index.tolist())
    if not common:
        raise BadInput("The candidates have answered no probe text in common; embed them on the same texts.")
    index = np.array(sorted(common), int)
    rivals = []
    for candidate in candidates:
        kept = np.isin(candidate.answers.index, index)
        given = replace(candidate.answers, index=index, proba=candidate.answers.proba[kept], outside=None)
        embedding = provisional(
            atlas, given, basis, calibrate=candidate.calibrate, language_model=candidate.language_model
        )
        embedding = replace(embedding, name=candidate.name, kind=candidate.kind, family=candidate.family)
        full = given.full(len(basis), candidate.calibrate)
        rivals.append(Rankable(embedding, log_odds(full)[index], given.labels))
    names = tuple(map(str, target.facts.get("labels") or ()))
    aimed = Rankable(target.embedding, log_odds(target.answers)[index], names)
    kinds = {candidate.kind for candidate in candidates}
    level = different_job_level(atlas, target, kinds, len(index))
    calibrator = calibrator_on(atlas, index, basis) if len(index) < len(basis) else atlas.space.calibrator
    return select(aimed, rivals, basis[index], calibrator, level=level)


def different_job_level(atlas: Atlas, target: Item, kinds: Sequence[Kind] | set[Kind], n_texts: int) -> float:
    """Give the similarity that one in twenty pairs for different jobs reaches, of a dataset and a candidate.

    Parameters
    ----------
    atlas : Atlas
        The space with its scale.
    target : Item
        The dataset.
    kinds : sequence or set of str
        Kinds of the candidates, which count as newcomers; of several the highest level counts.
    n_texts : int
        Probe texts that the similarity is made from: fewer make strangers look more alike.

    Returns
    -------
    float
        -1 to 1; 0 where too few such pairs are known.
    """
    scale, newcomers = scale_on_texts(atlas, n_texts), _newcomers(atlas, target)
    known = [scale.reference(kind, "dataset", 1) for kind in kinds]
    known += [atlas.scale.reference(kind, "dataset", newcomers) for kind in kinds]
    return max((float(np.quantile(null, REACHED_BY_FEW)) for null in known if len(null)), default=0.0)


def _newcomers(atlas: Atlas, target: Item) -> Newcomers:
    """Candidates are judged as newcomers, and so is a dataset that did not shape the space."""
    return 2 if atlas.meaning.is_new(target.embedding) else 1


def selection_json(atlas: Atlas, target: Item, selection: Selection, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Write a selection as JSON values.

    Parameters
    ----------
    atlas : Atlas
        The space with its scale.
    target : Item
        The dataset.
    selection : Selection
        What `choose` gave.
    candidates : sequence of Candidate
        What it was given.

    Returns
    -------
    dict
        `target`, `family`, `n_texts`, `level`, `winner`, `reason`, and `ranking` with a row for each candidate. `share`
        is the share of the pairs known to do different jobs that are as similar, 0 to 1; None where too few are known.
    """
    kinds = {candidate.name: candidate.kind for candidate in candidates}
    level = different_job_level(atlas, target, set(kinds.values()), selection.n_texts)
    ranking = []
    for r in selection.ranking:
        ranking.append(
            {
                "group": r.group, "name": r.name, "kind": kinds[r.name], "family": r.family,
                "agreement": round(r.agreement, 4), "with_dataset": round(r.with_target, 4),
                "with_others": None if r.with_others is None else round(r.with_others, 4),
                "similarity": round(r.similarity, 4),
                "share": _told(share_reaching(atlas, target, kinds[r.name], r.similarity, selection.n_texts)),
                "low": round(r.low, 4), "high": round(r.high, 4), "constant": r.constant,
            }
        )  # fmt: skip
    return {
        "target": target.embedding.name,
        "family": target.embedding.family,
        "n_texts": selection.n_texts,
        "level": round(level, 4),
        "winner": selection.winner,
        "reason": selection.reason,
        "ranking": ranking,
    }


def share_reaching(atlas: Atlas, target: Item, kind: Kind, similarity: float, n_texts: int) -> float:
    """Tell how many pairs known to do different jobs are as alike as a candidate and the dataset.

    What two newcomers reach is known on all probe texts alone, and what one reaches on fewer as well. A dataset that is
    new is judged by both, as in `different_job_level`, and the larger share counts.

    Parameters
    ----------
    atlas : Atlas
        The space with its scale.
    target : Item
        The dataset.
    kind : str
        Of the candidate.
    similarity : float
        Theirs, -1 to 1.
    n_texts : int
        Probe texts that it is made from.

    Returns
    -------
    float
        0 to 1; NaN where too few such pairs are known.
    """
    beside_known = scale_on_texts(atlas, n_texts).share(kind, "dataset", similarity, 1)
    if _newcomers(atlas, target) == 1:
        return beside_known
    return float(np.fmax(beside_known, atlas.scale.share(kind, "dataset", similarity, 2)))


def _told(share: float) -> float | None:
    return None if np.isnan(share) else round(share, 4)
