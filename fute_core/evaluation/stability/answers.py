"""What other probe texts, spoilt answers and predictors that know nothing do to the space: no model is asked again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fute_core.evaluation import metrics
from fute_core.evaluation.metrics import Estimate, estimate
from fute_core.evaluation.results import Table
from fute_core.evaluation.stability.answer_space import Answering, AnswerSpace
from fute_core.methods.functional import centre

PROBE_COUNTS = (32, 64, 128, 256, 512)
SPOILT = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
ACCURATE = 0.5
WEAK = 0.3


def answer_measures(space: AnswerSpace, members: Sequence[Answering] | None = None) -> dict[str, Estimate]:
    """Probe halves, spoilt answers, constant and random predictors; of the items `members` (all) of the space."""
    members = space.items if members is None else members
    accurate = [i for i in members if i.kind == "model" and i.skill >= ACCURATE]
    orders = [metrics.spearman([-q for q in SPOILT], spoilt_similarities(space, item)) for item in accurate]
    away, highest, level = strangers(space, accurate)
    return {
        "probe_halves_spearman": estimate(probe_halves(space, members), 0.0),
        "spoilt_answers_monotone": estimate([float(order > 1 - 1e-9) for order in orders]),
        "spoilt_answers_spearman": estimate(orders, 0.0),
        "strangers_stay_away": estimate(away),
        "strangers_highest_similarity": estimate(highest, level),
    }


def probe_halves(space: AnswerSpace, members: Sequence[Answering]) -> list[float]:
    """For each of `members`, Spearman of its similarities to all others on every second probe text and on the rest."""
    sims = [v @ v.T for v in (space.vectors(np.arange(start, len(space.features), 2)) for start in (0, 1))]
    out = []
    for i in (space.items.index(item) for item in members):
        others = np.arange(len(space.items)) != i
        out.append(metrics.spearman(sims[0][i, others], sims[1][i, others]))
    return out


def spoilt_similarities(space: AnswerSpace, item: Answering, seed: int = 0) -> list[float]:
    """Similarity to the item itself when a growing share of its answers is exchanged for those to other texts."""
    draw = np.random.default_rng(seed)
    order, other = draw.permutation(len(item.answers)), draw.permutation(len(item.answers))
    spoilt = []
    for share in SPOILT:
        answers = item.answers.copy()
        chosen = order[: round(share * len(order))]
        answers[chosen] = item.answers[other[chosen]]
        spoilt.append(replace(item, name=f"{item.name} {share}", answers=centre(answers)))
    vectors = space.vectors_of(spoilt)
    return [float(v @ vectors[0]) for v in vectors]


def strangers(
    space: AnswerSpace, accurate: Sequence[Answering], seeds: int = 5
) -> tuple[list[float], list[float], float]:
    """(1 where it stays away, else 0; highest similarity) for each constant and random predictor, and the level.

    Away: no accurate model is as near to it as 19 of 20 accurate models are to another one of the same dataset; that
    similarity is the level, NaN where no dataset has two. A different job is no measure: with centred kinds what knows
    nothing has similarity 0 to all, and different jobs have less.
    """
    models = space.vectors_of(accurate) if accurate else np.zeros((0, 1))
    places = [item.place for item in accurate]
    same = [models[i] @ models[j] for i in range(len(places)) for j in range(i) if places[i] == places[j]]
    if not same:
        return [], [], float("nan")
    m = len(space.features)
    fake = [Answering("constant", "model", None, places[0], np.zeros((m, 2)))]
    for seed in range(seeds):
        for k in (2, 3, 6):
            log_p = np.log(np.random.default_rng(seed).dirichlet(np.ones(k), m) + 1e-2)
            fake.append(Answering(f"random-{k}-{seed}", "model", None, places[0], centre(log_p)))
    level = float(np.quantile(same, 0.05))
    highest = (space.vectors_of(fake) @ models.T).max(1)
    return [float(h < level) for h in highest], [float(h) for h in highest], level


def probe_measures(space: AnswerSpace) -> dict[str, Estimate]:
    """Share of skilled black boxes whose family is nearest, by number of probe texts, as in `probe_table`."""
    found = {}
    for count in _counts(space):
        first = [
            float(own.family == nearest.family) for own, nearest in _nearest(space, count) if own.skill >= ACCURATE
        ]
        found[f"probes_{count}_skilled_family_first"] = estimate(first)
    return found


def probe_table(space: AnswerSpace) -> Table:
    """How often black boxes find their own dataset and family first, by number of probe texts.

    Not whitened: a whitening learnt on these very datasets would flatter.
    """
    rows = []
    for count in _counts(space):
        pairs = _nearest(space, count)
        for label, low, high in (("skilled", ACCURATE, 2.0), ("weak", WEAK, ACCURATE)):
            chosen = [(own, nearest) for own, nearest in pairs if low <= own.skill < high]
            if chosen:
                place = float(np.mean([own.place == nearest.place for own, nearest in chosen]))
                family = float(np.mean([own.family == nearest.family for own, nearest in chosen]))
                rows.append((count, label, place, family, len(chosen)))
    columns = ("texts", "models", "own first", "family first", "n")
    note = "Functional part alone and not whitened, so lower than in the retrieval evaluation; compare the rows."
    return Table("Black boxes by probe texts", columns, tuple(rows), note)


def _counts(space: AnswerSpace) -> list[int]:
    return [count for count in PROBE_COUNTS if count < len(space.features)] + [len(space.features)]


def _nearest(space: AnswerSpace, count: int) -> list[tuple[Answering, Answering]]:
    """(black box, the dataset nearest to it) on the first `count` probe texts."""
    data = [i for i, item in enumerate(space.items) if item.kind == "dataset"]
    models = [i for i, item in enumerate(space.items) if item.kind == "model"]
    vectors = space.vectors(np.arange(count), whiten=False)
    first = (vectors[models] @ vectors[data].T).argmax(1)
    return [(space.items[m], space.items[data[f]]) for m, f in zip(models, first, strict=True)]
