"""What must not move a vector, and what must: other rows, other probe texts, wrong labels, spoilt answers.

The methods measured draw no random numbers, so repeats are other draws of rows or of probe texts, never the same answer
read twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fute_core.embedding import Recipe, embed_dataset
from fute_core.evaluation import metrics
from fute_core.evaluation.answer_space import CHEAP_ARCHITECTURES, Answering, AnswerSpace, answer_space
from fute_core.evaluation.boxes import Parts, halves
from fute_core.evaluation.metrics import Estimate, estimate
from fute_core.evaluation.reference import Choice, Place, calibrated, chosen_parts
from fute_core.evaluation.results import Result, Table, estimates_table
from fute_core.home import DATA
from fute_core.methods.functional import centre
from fute_core.tasks import TaskDataset

if TYPE_CHECKING:
    from fute_core.store import Store

ROW_COUNTS = (25, 50, 100)
PROBE_COUNTS = (32, 64, 128, 256, 512)
SPOILT = (0.0, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
ACCURATE = 0.5
Tell = Callable[[str], None]


def stability_result(
    store: "Store", choice: Choice, recipe: Recipe, tell: Tell = lambda message: None, name: str = "stability"
) -> Result:
    """Measure everything on the datasets of the choice; those of one's own under "own_data"."""
    from fute_core.surrogate import load_surrogate

    parts = chosen_parts(choice)
    shipped, own, tables = {}, {}, []
    surrogate = load_surrogate(recipe.surrogate)
    surrogate.remember_in(store)
    for pair in (False, True):
        group = {place: part for place, part in parts.items() if part.dte.pair == pair}
        if len(group) < 3:
            continue
        what = "text pairs" if pair else "single texts"
        tell(f"{what}: halves and shuffled labels")
        rows = dataset_draws(group, recipe, store)
        tell(f"{what}: probe texts")
        space = answer_space(group, recipe.probes(pair).texts, surrogate, CHEAP_ARCHITECTURES)
        prefix = "pairs_" if pair else ""
        for into, mine in ((shipped, True), (own, False)):
            chosen = {place: found for place, found in rows.items() if (place[0] == DATA) == mine}
            if chosen:
                into |= {prefix + key: value for key, value in _row_measures(chosen, len(group)).items()}
        shipped |= {prefix + key: value for key, value in answer_measures(space).items()}
        tables += [replace(t, title=f"{t.title}, {what}") for t in (_rows_table(rows), probe_table(space))]
    values = {**shipped, **({"own_data": own} if own else {})}
    shown = [estimates_table("Measures", shipped)] + ([estimates_table("Datasets of one's own", own)] if own else [])
    remarks = (
        "Halves are disjoint rows of a dataset; the nearest is searched among the halves of all datasets.",
        "Probe texts and answers are measured on the functional part, centred by kind on the items of the run.",
        "The methods draw no random numbers: another seed changes nothing, so other rows and other texts stand for it.",
    )
    return Result(name, "Stability", values, (*shown, *tables), remarks)


def dataset_draws(parts: Mapping[Place, Parts], recipe: Recipe, store: "Store") -> dict[Place, dict[str, float]]:
    """For each dataset what other rows and shuffled labels do to its DTE.

    mutual : 1 if its two halves are each other's nearest. halves, shuffled : similarity of the second half to the
    first, and to the first with shuffled labels. first_N, similarity_N : whether N rows of the first half have the
    second half as nearest of all second halves, and their similarity.
    """
    made: dict[str, dict[Place, object]] = {}
    counts = [n for n in ROW_COUNTS if n < min(len(p.dte.texts) for p in parts.values()) / 2]
    for place, part in parts.items():
        one, two = halves(part.dte)
        drawn = {"one": one, "two": two, "shuffled": shuffled(one)} | {str(n): _spread(one, n) for n in counts}
        for label, rows in drawn.items():
            named = replace(rows, name=f"{part.dte.name} ({label})")
            made.setdefault(label, {})[place] = embed_dataset(named, recipe, store)
    space = calibrated([e for group in made.values() for e in group.values()])
    at = {label: [space.index(e.name, "dataset") for e in group.values()] for label, group in made.items()}
    sims = space.vectors @ space.vectors.T
    both = at["one"] + at["two"]
    inner = sims[np.ix_(both, both)] - 3 * np.eye(len(both))
    nearest, n = inner.argmax(1), len(parts)
    found = {}
    for i, place in enumerate(parts):
        row = {
            "mutual": float(nearest[i] == n + i and nearest[n + i] == i),
            "halves": sims[at["one"][i], at["two"][i]],
            "shuffled": sims[at["shuffled"][i], at["two"][i]],
        }
        for count in counts:
            to_second = sims[at[str(count)][i], at["two"]]
            row |= {f"first_{count}": float(to_second.argmax() == i), f"similarity_{count}": to_second[i]}
        found[place] = {key: float(value) for key, value in row.items()}
    return found


def shuffled(rows: TaskDataset, seed: int = 0) -> TaskDataset:
    """The same texts and labels, each label at another text."""
    order = np.random.default_rng(seed).permutation(len(rows.texts))
    return replace(rows, targets=rows.targets[order])


def answer_measures(space: AnswerSpace) -> dict[str, Estimate]:
    """Probe halves, spoilt answers, constant and random predictors."""
    accurate = [i for i in space.items if i.kind == "model" and i.skill >= ACCURATE]
    orders = [metrics.spearman([-q for q in SPOILT], spoilt_similarities(space, item)) for item in accurate]
    away, highest = strangers(space, accurate)
    return {
        "probe_halves_spearman": estimate(probe_halves(space), 0.0),
        "spoilt_answers_monotone": estimate([float(order > 1 - 1e-9) for order in orders]),
        "spoilt_answers_spearman": estimate(orders, 0.0),
        "strangers_stay_away": estimate(away),
        "strangers_highest_similarity": estimate(highest),
    }


def probe_halves(space: AnswerSpace) -> list[float]:
    """For each item, Spearman of its similarities to all others on every second probe text and on the rest."""
    sims = [v @ v.T for v in (space.vectors(np.arange(start, len(space.features), 2)) for start in (0, 1))]
    out = []
    for i in range(len(space.items)):
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


def strangers(space: AnswerSpace, accurate: Sequence[Answering], seeds: int = 5) -> tuple[list[float], list[float]]:
    """(1 where it stays away, else 0; highest similarity) for each constant and random predictor.

    Away: no accurate model is nearer to it than 99 of 100 pairs of accurate models of different families are.
    """
    if len(accurate) < 2:
        return [], []
    m = len(space.features)
    fake = [Answering("constant", "model", None, accurate[0].place, np.zeros((m, 2)))]
    for seed in range(seeds):
        for k in (2, 3, 6):
            log_p = np.log(np.random.default_rng(seed).dirichlet(np.ones(k), m) + 1e-2)
            fake.append(Answering(f"random-{k}-{seed}", "model", None, accurate[0].place, centre(log_p)))
    models = space.vectors_of(accurate)
    families = np.array([str(item.family) for item in accurate])
    apart = (models @ models.T)[families[:, None] != families[None, :]]
    limit = np.quantile(apart, 0.99) if len(apart) else 1.0
    highest = (space.vectors_of(fake) @ models.T).max(1)
    return [float(h <= limit) for h in highest], [float(h) for h in highest]


def probe_table(space: AnswerSpace) -> Table:
    """How often black boxes find their own dataset and family first, by number of probe texts."""
    data = [i for i, item in enumerate(space.items) if item.kind == "dataset"]
    models = [i for i, item in enumerate(space.items) if item.kind == "model"]
    rows = []
    for count in [c for c in PROBE_COUNTS if c < len(space.features)] + [len(space.features)]:
        vectors = space.vectors(np.arange(count))
        first = [data[j] for j in (vectors[models] @ vectors[data].T).argmax(1)]
        for label, low, high in (("skilled", ACCURATE, 2.0), ("weak", 0.3, ACCURATE)):
            chosen = [(space.items[m], space.items[f]) for m, f in zip(models, first, strict=True)
                      if low <= space.items[m].skill < high]  # fmt: skip
            if chosen:
                own = float(np.mean([model.place == dataset.place for model, dataset in chosen]))
                family = float(np.mean([model.family == dataset.family for model, dataset in chosen]))
                rows.append((count, label, own, family, len(chosen)))
    return Table("Black boxes by probe texts", ("texts", "models", "own first", "family first", "n"), tuple(rows))


def _row_measures(found: Mapping[Place, Mapping[str, float]], n_datasets: int) -> dict[str, Estimate]:
    halves_level = np.quantile([row["halves"] for row in found.values()], 0.05)
    chance = 1 / (2 * n_datasets - 1)
    return {
        "halves_mutual_nearest": estimate([row["mutual"] for row in found.values()], chance),
        "halves_similarity": estimate([row["halves"] for row in found.values()]),
        "shuffled_similarity": estimate([row["shuffled"] for row in found.values()]),
        "shuffled_below_halves": estimate([float(row["shuffled"] < halves_level) for row in found.values()]),
    }


def _spread(rows: TaskDataset, count: int) -> TaskDataset:
    """About `count` rows, at least two a label, in the given order."""
    from fute_core.evaluation.boxes import take

    of_label = rows.targets.argmax(1)
    labels = np.unique(of_label)
    each = max(2, -(-count // len(labels)))
    return take(rows, np.sort(np.concatenate([np.flatnonzero(of_label == label)[:each] for label in labels])))


def _rows_table(found: Mapping[Place, Mapping[str, float]]) -> Table:
    columns = list(next(iter(found.values())))
    rows = [(name, *(row.get(c) for c in columns)) for (_, name), row in found.items()]
    return Table("Rows and labels", ("dataset", *columns), tuple(rows))
