"""What must not move a vector, and what must: other rows, other probe texts, wrong labels, spoilt answers.

The methods measured draw no random numbers, so repeats are other draws of rows or of probe texts, never the same answer
read twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fute_core.embedding import Recipe, embed_dataset
from fute_core.evaluation.answer_space import CHEAP_ARCHITECTURES, answer_space
from fute_core.evaluation.answer_stability import answer_measures, probe_measures, probe_table
from fute_core.evaluation.boxes import Parts, halves
from fute_core.evaluation.metrics import Estimate, estimate
from fute_core.evaluation.paraphrases import paraphrase_measures, paraphrase_table, stored_paraphrases
from fute_core.evaluation.reference import Choice, Place, calibrated, chosen_parts
from fute_core.evaluation.results import Result, Table, estimates_table
from fute_core.home import DATA
from fute_core.tasks import TaskDataset

if TYPE_CHECKING:
    from fute_core.store import Store

ROW_COUNTS = (25, 100)
LANGUAGE_MODEL = "smollm2"
FEWEST = 3
"""Datasets of one arity, below which nothing is measured."""
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
        ours = {place: part for place, part in group.items() if place[0] == DATA}
        if len(ours) < FEWEST:
            continue
        what, prefix = ("text pairs", "pairs_") if pair else ("single texts", "")
        tell(f"{what}: halves and shuffled labels")
        rows = dataset_draws(ours, recipe, store)
        tell(f"{what}: probe texts")
        everything = answer_space(group, recipe.probes(pair).texts, surrogate, CHEAP_ARCHITECTURES)
        space = replace(everything, items=tuple(item for item in everything.items if item.place in ours))
        found = {**_row_measures(rows, len(ours)), **answer_measures(space), **probe_measures(space)}
        made = [_rows_table(rows), probe_table(space)]
        tell(f"{what}: prompts that ask the same")
        if prompts := stored_paraphrases(store, recipe, pair, LANGUAGE_MODEL):
            found |= paraphrase_measures(prompts)
            made.append(paraphrase_table(prompts))
        shipped |= {prefix + key: value for key, value in found.items()}
        if len(group) > len(ours):
            tell(f"{what}: your datasets")
            theirs = {place: row for place, row in dataset_draws(group, recipe, store).items() if place not in ours}
            items = [item for item in everything.items if item.place in theirs]
            measured = {**_row_measures(theirs, len(group)), **answer_measures(everything, items)}
            own |= {prefix + key: value for key, value in measured.items()}
            made.append(replace(_rows_table(theirs), title="Your rows and labels"))
        tables += [replace(table, title=f"{table.title}, {what}") for table in made]
    drawn = recipe.build().seeded
    values = {**shipped, "seed_changes_vectors": drawn, **({"own_data": own} if own else {})}
    shown = [estimates_table("Measures", shipped)] + ([estimates_table("Datasets of one's own", own)] if own else [])
    remarks = (
        f"Datasets by the method {recipe.method}. Halves are disjoint rows of a dataset; the nearest is searched among "
        "the halves of all datasets.",
        "Probe texts and answers are measured on the functional part, centred by kind and whitened on the items of the "
        "run.",
        f"The method {recipe.method} draws "
        + ("random numbers by its seed." if drawn else "no random numbers: another seed is the same vector."),
        "Strangers are constant and random predictors; as chance of their highest similarity to an accurate model "
        "stands what 19 of 20 accurate models have to another one of their dataset.",
        "Repeats are other rows and other probe texts, never the same answer read twice.",
        f"Prompts that ask the same are the shipped ones of a family, as far as {LANGUAGE_MODEL} has answered them; "
        "skill is the mean over the family's datasets.",
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


def _row_measures(found: Mapping[Place, Mapping[str, float]], n_datasets: int) -> dict[str, Estimate]:
    counts = [key for key in next(iter(found.values())) if key.startswith("first_")]
    chance = 1 / (2 * n_datasets - 1)
    return {
        "halves_mutual_nearest": estimate([row["mutual"] for row in found.values()], chance),
        "halves_similarity": estimate([row["halves"] for row in found.values()]),
        "shuffled_similarity": estimate([row["shuffled"] for row in found.values()]),
        "shuffled_below_halves": estimate([float(row["shuffled"] < row["halves"]) for row in found.values()], 0.5),
        **{f"rows_{key}": estimate([row[key] for row in found.values()], 1 / n_datasets) for key in counts},
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
