"""How many probe texts a black box needs before its own dataset or family is nearest to it."""

import numpy as np

from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.results import ResultTable
from fute_core.evaluation.stability.functional_space import FunctionalSpace, ItemAnswers

PROBE_COUNTS = (32, 64, 128, 256, 512)
SKILLED, WEAK = 0.5, 0.3


def probe_measures(space: FunctionalSpace) -> dict[str, Estimate]:
    """Measure how many skilled black boxes have their family nearest, by number of probe texts.

    Parameters
    ----------
    space : FunctionalSpace
        Datasets and black boxes.

    Returns
    -------
    dict of str to Estimate
        Shares, as in `probe_table`.
    """
    found = {}
    for count in _counts(space):
        first = [float(own.family == nearest.family) for own, nearest in _nearest(space, count) if own.skill >= SKILLED]
        found[f"probes_{count}_skilled_family_first"] = estimate(first)
    return found


def probe_table(space: FunctionalSpace) -> ResultTable:
    """Lay out how often black boxes find their own dataset and family first, by number of probe texts.

    Vectors are not whitened: a whitening learnt on these very datasets would flatter.

    Parameters
    ----------
    space : FunctionalSpace
        Datasets and black boxes.

    Returns
    -------
    ResultTable
        Skilled and weak black boxes apart.
    """
    rows = []
    for count in _counts(space):
        pairs = _nearest(space, count)
        for label, low, high in (("skilled", SKILLED, 2.0), ("weak", WEAK, SKILLED)):
            chosen = [(own, nearest) for own, nearest in pairs if low <= own.skill < high]
            if chosen:
                place = float(np.mean([own.place == nearest.place for own, nearest in chosen]))
                family = float(np.mean([own.family == nearest.family for own, nearest in chosen]))
                rows.append((count, label, place, family, len(chosen)))
    columns = ("texts", "models", "own first", "family first", "n")
    note = "Functional part alone and not whitened, so lower than in the retrieval evaluation; compare the rows."
    return ResultTable("Black boxes by probe texts", columns, tuple(rows), note)


def _counts(space: FunctionalSpace) -> list[int]:
    return [count for count in PROBE_COUNTS if count < len(space.features)] + [len(space.features)]


def _nearest(space: FunctionalSpace, count: int) -> list[tuple[ItemAnswers, ItemAnswers]]:
    """(black box, the dataset nearest to it) on the first `count` probe texts."""
    data = [i for i, item in enumerate(space.items) if item.kind == "dataset"]
    models = [i for i, item in enumerate(space.items) if item.kind == "model"]
    placed = space.placed(np.arange(count), whiten=False)
    first = placed.take(models).cosines(placed.take(data)).argmax(1)
    return [(space.items[m], space.items[data[f]]) for m, f in zip(models, first, strict=True)]
