"""What other rows and wrong labels do to a dataset's vector: two disjoint halves, smaller and larger, and shuffled.

The shipped space knows all training rows of a shipped dataset: some made its vector, the rest trained the black boxes
that taught the whitening what to forget. So a shipped dataset is judged with whitening learnt without its family.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fute_core.atlas.comparable import shipped_calibrator
from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.catalog import load_dataset
from fute_core.embedding.pipelines import Recipe, embed_dataset
from fute_core.evaluation.metrics import Estimate, estimate
from fute_core.evaluation.parts.boxes import halves, take
from fute_core.evaluation.parts.reference import Place, calibrated, fit_reference
from fute_core.evaluation.results import Table
from fute_core.home import DATA
from fute_core.tasks import TaskDataset, TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

ROW_COUNTS = (25, 50, 100, 250)
"""Rows of a half, below all of them."""


@dataclass(frozen=True)
class Halves:
    """Two halves of a dataset among the halves, of that size, of all datasets.

    rows : of the smaller half. similarity : of the two. others : mean similarity to halves of other families,
    NaN without any. nearest : dataset whose half is nearest to the first, and to
    the second. mutual : whether those are each other. family : share of the two whose nearest is of their family.
    """

    rows: int
    similarity: float
    others: float
    nearest: tuple[str, str]
    mutual: bool
    family: float


@dataclass(frozen=True)
class Draws:
    """A dataset under other rows and labels.

    whole : halves with all rows. as_shipped : the same in the space that users get. by_rows : with about so many rows.
    shuffled : similarity of the second half to the first with shuffled labels. first : about so many rows of the first
    half to whether, of all second halves with all rows, their own is nearest to them.
    """

    family: str | None
    whole: Halves
    as_shipped: Halves
    by_rows: Mapping[int, Halves]
    shuffled: float
    first: Mapping[int, bool]


def training_rows(places: Sequence[Place], limit: int | None) -> dict[Place, TaskDataset]:
    """All rows that `fute embed dataset` takes, or at most `limit`: no black box is measured, so none is kept back."""
    return {(folder, name): load_dataset(name, split="train", limit=limit, folder=folder) for folder, name in places}


def dataset_draws(rows: Mapping[Place, TaskDataset], recipe: Recipe, store: "Store") -> dict[Place, Draws]:
    """Embed the halves of every dataset, with few and with all of their rows, and compare them all in one space."""
    halved = [halves(whole) for whole in rows.values()]
    counts = [n for n in ROW_COUNTS if n < min(len(one.texts) for one, _ in halved)]
    made: dict[tuple[str, int | None], list[TaskDataset]] = {}
    for one, two in halved:
        drawn = {("one", None): one, ("two", None): two, ("shuffled", None): shuffled(one)}
        for n in counts:
            drawn |= {("one", n): first_rows(one, n), ("two", n): first_rows(two, n)}
        for (part, n), some in drawn.items():
            made.setdefault((part, n), []).append(replace(some, name=f"{one.name} ({part} {n or 'all'})"))
    embedded = [embed_dataset(some, recipe, store) for group in made.values() for some in group]
    at = {which: range(k * len(rows), (k + 1) * len(rows)) for k, which in enumerate(made)}
    left_out = [r.family if folder == DATA else None for (folder, _), r in rows.items()] * len(made)
    similar, shipped = _similarity(embedded, left_out), _similarity(embedded, [None] * len(embedded))
    names, families = [name for _, name in rows], [r.family for r in rows.values()]
    sizes = {n: [min(len(a.texts), len(b.texts)) for a, b in zip(made["one", n], made["two", n], strict=True)]
             for n in (*counts, None)}  # fmt: skip
    by_rows = {
        n: compare_halves(similar, at["one", n], at["two", n], sizes[n], names, families) for n in (*counts, None)
    }
    as_shipped = compare_halves(shipped, at["one", None], at["two", None], sizes[None], names, families)
    found = {}
    for i, place in enumerate(rows):
        first = {n: bool(similar[at["one", n][i], at["two", None]].argmax() == i) for n in counts}
        found[place] = Draws(
            families[i],
            by_rows[None][i],
            as_shipped[i],
            {n: by_rows[n][i] for n in counts},
            float(similar[at["shuffled", None][i], at["two", None][i]]),
            first,
        )
    return found


def _similarity(embeddings: Sequence[TaskEmbedding], left_out: Sequence[str | None]) -> np.ndarray:
    """float64 (n, n): each row in the shipped space, its whitening learnt without the family in `left_out`."""
    if shipped_calibrator(embeddings[0]) is None:
        vectors = calibrated(embeddings).vectors.astype(np.float64)
        return vectors @ vectors.T
    gallery = load_gallery(embeddings[0].provenance.pair)
    reference = [i.embedding for i in gallery.items]
    out = np.zeros((len(embeddings), len(embeddings)))
    for family in dict.fromkeys(left_out):
        calibrator = gallery.calibrator
        if family is not None:
            others = [i for i in gallery.items if i.embedding.family != family]
            calibrator = fit_reference(others, gallery.basis, reference)
        rows = [k for k, without in enumerate(left_out) if without == family]
        vectors = calibrator.transform(embeddings).astype(np.float64)
        out[rows] = vectors[rows] @ vectors.T
    return out


def compare_halves(
    similar: np.ndarray, one: Sequence[int], two: Sequence[int], sizes: Sequence[int], names: Sequence[str],
    families: Sequence[str | None],
) -> list[Halves]:  # fmt: skip
    """similar : (items, items). one, two : the items that are first and second halves, dataset by dataset."""
    both, n = [*one, *two], len(one)
    inner = similar[np.ix_(both, both)] - 3 * np.eye(2 * n)
    nearest = inner.argmax(1)
    found = []
    for i in range(n):
        theirs = nearest[i] % n, nearest[n + i] % n
        alike = [j == i or (families[i] is not None and families[j] == families[i]) for j in theirs]
        mutual = bool(nearest[i] == n + i and nearest[n + i] == i)
        similarity = float(inner[i, n + i])
        other = [j for j in range(2 * n) if j % n != i and (families[i] is None or families[j % n] != families[i])]
        others = float(inner[np.ix_([i, n + i], other)].mean()) if other else float("nan")
        found.append(
            Halves(sizes[i], similarity, others, (names[theirs[0]], names[theirs[1]]), mutual, float(np.mean(alike)))
        )
    return found


def shuffled(rows: TaskDataset, seed: int = 0) -> TaskDataset:
    """The same texts and labels, each label at another text."""
    order = np.random.default_rng(seed).permutation(len(rows.texts))
    return replace(rows, targets=rows.targets[order])


def first_rows(rows: TaskDataset, count: int) -> TaskDataset:
    """About `count` rows, at least two a label, in the given order."""
    of_label = rows.targets.argmax(1)
    labels = np.unique(of_label)
    each = max(2, -(-count // len(labels)))
    return take(rows, np.sort(np.concatenate([np.flatnonzero(of_label == label)[:each] for label in labels])))


def row_measures(found: Mapping[Place, Draws], n_datasets: int) -> dict[str, Estimate]:
    """Means over the datasets. n_datasets : among whose halves the nearest was searched."""
    draws = list(found.values())
    chance = 1 / (2 * n_datasets - 1)
    measures = {
        "halves_mutual_nearest": estimate([d.whole.mutual for d in draws], chance),
        "halves_family_nearest": estimate([d.whole.family for d in draws], _family_chance(draws)),
        "halves_mutual_nearest_as_shipped": estimate([d.as_shipped.mutual for d in draws], chance),
        "halves_similarity": estimate([d.whole.similarity for d in draws]),
        "halves_other_families": _of_others(d.whole for d in draws),
        "shuffled_similarity": estimate([d.shuffled for d in draws]),
        "shuffled_below_halves": estimate([d.shuffled < d.whole.similarity for d in draws], 0.5),
    }
    for n in list(draws[0].first):
        measures |= {
            f"halves_{n}_mutual_nearest": estimate([d.by_rows[n].mutual for d in draws], chance),
            f"halves_{n}_family_nearest": estimate([d.by_rows[n].family for d in draws], _family_chance(draws)),
            f"halves_{n}_similarity": estimate([d.by_rows[n].similarity for d in draws]),
            f"halves_{n}_other_families": _of_others(d.by_rows[n] for d in draws),
            f"rows_first_{n}": estimate([d.first[n] for d in draws], 1 / n_datasets),
        }
    return measures


def _of_others(found: Iterable[Halves]) -> Estimate:
    return estimate([half.others for half in found if not np.isnan(half.others)])


def _family_chance(draws: Sequence[Draws]) -> float:
    """Mean share of the other halves that are of a half's family."""
    families = [d.family for d in draws]
    counts = [1 if f is None else families.count(f) for f in families]
    return float(np.mean([(2 * c - 1) / (2 * len(draws) - 1) for c in counts]))


def row_tables(found: Mapping[Place, Draws]) -> list[Table]:
    """The means by rows of a half, then each dataset's mutual nearest and similarity by rows, then every miss."""
    draws = list(found.values())
    few = list(draws[0].first)
    grouped = {str(n): [d.by_rows[n] for d in draws] for n in few} | {"all": [d.whole for d in draws]}
    curve = [
        (label, float(np.mean([h.rows for h in group])), *_means(group), len(group)) for label, group in grouped.items()
    ]
    each = [
        (name, d.family, *(v for group in grouped.values() for v in (int(group[i].mutual), group[i].similarity)),
         d.shuffled)
        for i, ((_, name), d) in enumerate(found.items())
    ]  # fmt: skip
    missed = [
        (name, d.family, d.whole.rows, *d.whole.nearest, d.whole.family)
        for (_, name), d in found.items()
        if not d.whole.mutual
    ]
    columns = [word for label in grouped for word in (f"mutual {label}", f"similarity {label}")]
    return [
        Table("Halves by their rows",
              ("rows of a half", "mean rows", "mutual nearest", "nearest of the family", "similarity",
               "similarity to other families", "n"),
              tuple(curve),
              "Nearest among the halves, of that size, of all datasets. Of the family: another dataset that asks for "
              "the same job counts as well."),
        Table("Halves by their rows, each dataset", ("dataset", "family", *columns, "shuffled"), tuple(each)),
        Table("Halves that are not each other's nearest, all rows",
              ("dataset", "family", "rows", "nearest to the first", "nearest to the second", "of the family"),
              tuple(missed)),
    ]  # fmt: skip


def _means(group: Sequence[Halves]) -> tuple[float, ...]:
    """Mutual nearest, nearest of the family, similarity, similarity to other families."""
    columns = ("mutual", "family", "similarity", "others")
    return tuple(float(np.mean([getattr(h, what) for h in group])) for what in columns)
