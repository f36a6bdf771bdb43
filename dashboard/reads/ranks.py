"""Prompts ranked for a dataset by agreement, without a label: those of a run, and those of a family."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard.reads import background, data
from dashboard.reads.places import Landed, nearest, space_key
from dashboard.session.filtering import item_id
from dashboard.session.text import number

if TYPE_CHECKING:
    from fute_core.analysis.ranking import Ranked, Selection
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item

PATIENCE = 0.1


def leaderboard(atlas: "Atlas", target: "Item", entrants: Sequence[Landed]) -> "Selection | None":
    """`fute_core.analysis.choosing.choose` among them; None while that is computed. Raises BadInput as it does."""
    key = [f"{e.source} {len(e.answers.index)}" for e in entrants]
    return background.soon(
        "rank", space_key(atlas), item_id(target), *key, patience=PATIENCE,
        make=lambda: _ranked(atlas, target, entrants),
    )  # fmt: skip


def in_family(atlas: "Atlas", found: Landed) -> "tuple[Item, Sequence[Item], Selection | None] | None":
    """(nearest dataset, the prompts of its family, them and the prompt ranked for that dataset).

    None where the nearest dataset has no family, or none of that family's prompts has answers.
    """
    datasets = nearest(atlas, found, "dataset", 1)
    if not datasets or not (family := datasets[0][0].embedding.family) or datasets[0][0].answers is None:
        return None
    target = datasets[0][0]
    rivals = [
        i for i in atlas.items
        if i.embedding.kind == "prompt" and i.embedding.family == family and i.answers is not None
        and item_id(i) != f"prompt:{found.name}" and len(i.answers) == len(target.answers)
    ]  # fmt: skip
    if not rivals:
        return None
    return target, rivals, leaderboard(atlas, target, [found, *map(as_landed, rivals)])


def share(atlas: "Atlas", target: "Item", selection: "Selection", ranked: "Ranked") -> float:
    """Of the pairs known to do different jobs, how many are as alike as a prompt and the dataset it is ranked for."""
    from fute_core.analysis.choosing import share_reaching

    return share_reaching(atlas, target, "prompt", ranked.similarity, selection.n_texts)


def by_chance(atlas: "Atlas", target: "Item", selection: "Selection") -> set[str]:
    """Names of those whose similarity to the dataset is no better than chance."""
    from fute_core.space.told import CHANCE

    return {r.name for r in selection.ranking if share(atlas, target, selection, r) >= CHANCE}


def agreement_words(ranked: "Ranked") -> str:
    """What an agreement is made of."""
    others = "" if ranked.with_others is None else f", with the others {number(ranked.with_others)}"
    return f"agreement {number(ranked.agreement)}: with the dataset {number(ranked.with_target)}{others}"


def as_landed(item: "Item") -> Landed:
    """A prompt of the atlas as if it had just landed: its answers have no label priors any more."""
    from fute_core.predictors.answers import ProbeAnswers

    labels = tuple(map(str, item.facts.get("labels") or range(item.answers.shape[1])))
    index = np.flatnonzero(~np.isnan(item.answers).any(1))
    answers = ProbeAnswers(labels, index, item.answers[index])
    own = item.embedding
    return Landed(
        own.name, (), answers, False, item, source=own.key, family=own.family, language_model=own.language_model
    )


def _ranked(atlas: "Atlas", target: "Item", entrants: Sequence[Landed]) -> "Selection":
    from fute_core.analysis.candidates import Candidate
    from fute_core.analysis.choosing import choose
    from fute_core.atlas.same_texts import atlas_basis

    candidates = [Candidate(e.name, "prompt", e.family, e.answers, e.calibrate, e.language_model) for e in entrants]
    return choose(atlas, target, candidates, atlas_basis(atlas, data.store()))
