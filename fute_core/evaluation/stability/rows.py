"""What other rows and wrong labels do to a dataset's vector: two disjoint halves, smaller and larger, and shuffled.

The shipped space knows all training rows of a shipped dataset: some made its vector, the rest trained the black boxes
that taught the whitening what to forget. So a shipped dataset is judged with whitening learnt without its family.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.comparable import shipped_calibrator
from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.catalog import load_dataset
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.choice import Place
from fute_core.evaluation.parts.reference import calibrated, fit_reference
from fute_core.evaluation.parts.rows import first_rows, halves
from fute_core.evaluation.stability.halves import Halves, compare_halves, shuffled
from fute_core.home import DATA
from fute_core.tasks import TaskDataset
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.store.store import Store

ROW_COUNTS = (25, 50, 100, 250)
"""Rows of a half, below all of them."""


@dataclass(frozen=True)
class Draws:
    """A dataset under other rows and labels.

    Parameters
    ----------
    family : str or None
        Of the dataset.
    whole : Halves
        With all rows.
    as_shipped : Halves
        The same in the space that users get.
    by_rows : mapping of int to Halves
        With about so many rows.
    shuffled : float
        Similarity of the second half to the first with shuffled labels.
    first : mapping of int to bool
        About so many rows of the first half: whether, of all second halves with all rows, their own is nearest.
    """

    family: str | None
    whole: Halves
    as_shipped: Halves
    by_rows: Mapping[int, Halves]
    shuffled: float
    first: Mapping[int, bool]


def training_rows(places: Sequence[Place], limit: int | None) -> dict[Place, TaskDataset]:
    """Load the training rows of datasets; no black box is measured, so none are kept back.

    Parameters
    ----------
    places : sequence of Place
        Folder and name of each dataset.
    limit : int or None
        So many rows of each at most; None for all that `fute embed dataset` takes.

    Returns
    -------
    dict of Place to TaskDataset
        The rows of each dataset.
    """
    return {(folder, name): load_dataset(name, split="train", limit=limit, folder=folder) for folder, name in places}


def dataset_draws(rows: Mapping[Place, TaskDataset], recipe: Recipe, store: "Store") -> dict[Place, Draws]:
    """Embed the halves of every dataset, with few and with all of their rows, and compare them all in one space.

    Parameters
    ----------
    rows : mapping of Place to TaskDataset
        Datasets of one arity.
    recipe : Recipe
        How they are embedded.
    store : Store
        Keeps the embeddings.

    Returns
    -------
    dict of Place to Draws
        What was found for each dataset.
    """
    halved = [halves(whole) for whole in rows.values()]
    counts = [n for n in ROW_COUNTS if n < min(len(one.texts) for one, _ in halved)]
    made: dict[tuple[str, int | None], list[TaskDataset]] = {}
    for one, two in halved:
        drawn: dict[tuple[str, int | None], TaskDataset] = {
            ("one", None): one,
            ("two", None): two,
            ("shuffled", None): shuffled(one),
        }
        for n in counts:
            drawn |= {("one", n): first_rows(one, n), ("two", n): first_rows(two, n)}
        for (part, size), some in drawn.items():
            made.setdefault((part, size), []).append(replace(some, name=f"{one.name} ({part} {size or 'all'})"))
    embedded = [embed_dataset(some, recipe, store) for group in made.values() for some in group]
    at = {which: range(k * len(rows), (k + 1) * len(rows)) for k, which in enumerate(made)}
    left_out = [r.family if folder == DATA else None for (folder, _), r in rows.items()] * len(made)
    similar, shipped = _similarity(embedded, left_out), _similarity(embedded, [None] * len(embedded))
    names, families = [name for _, name in rows], [r.family for r in rows.values()]

    def compared(similarity: NDArray[np.float64], n: int | None) -> list[Halves]:
        sizes = [min(len(a.texts), len(b.texts)) for a, b in zip(made["one", n], made["two", n], strict=True)]
        return compare_halves(similarity, at["one", n], at["two", n], sizes, names, families)

    whole, as_shipped = compared(similar, None), compared(shipped, None)
    by_rows = {n: compared(similar, n) for n in counts}
    found = {}
    for i, place in enumerate(rows):
        first = {n: bool(similar[at["one", n][i], at["two", None]].argmax() == i) for n in counts}
        found[place] = Draws(
            families[i],
            whole[i],
            as_shipped[i],
            {n: by_rows[n][i] for n in counts},
            float(similar[at["shuffled", None][i], at["two", None][i]]),
            first,
        )
    return found


def _similarity(embeddings: Sequence[TaskEmbedding], left_out: Sequence[str | None]) -> NDArray[np.float64]:
    """(n, n): each row in the shipped space, its whitening learnt without the family in `left_out`."""
    gallery = load_gallery(embeddings[0].provenance.pair)
    if gallery is None or shipped_calibrator(embeddings[0]) is None:
        return calibrated(embeddings).cosines().astype(np.float64)
    reference = [i.embedding for i in gallery.items]
    out = np.zeros((len(embeddings), len(embeddings)))
    for family in dict.fromkeys(left_out):
        calibrator = gallery.calibrator
        if family is not None:
            others = [i for i in gallery.items if i.embedding.family != family]
            calibrator = fit_reference(others, gallery.basis, reference)
        rows = [k for k, without in enumerate(left_out) if without == family]
        placed = calibrator.place(embeddings)
        out[rows] = placed.take(rows).cosines(placed)
    return out
