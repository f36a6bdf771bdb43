"""What other rows and wrong labels do to a dataset's vector, as measures and tables."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.parts.choice import Place
from fute_core.evaluation.results import ResultTable
from fute_core.evaluation.stability.halves import Halves
from fute_core.evaluation.stability.rows import Draws


def row_measures(found: Mapping[Place, Draws], n_datasets: int) -> dict[str, Estimate]:
    """Average over datasets what other rows and wrong labels do.

    Parameters
    ----------
    found : mapping of Place to Draws
        What was found for each dataset.
    n_datasets : int
        Among whose halves the nearest was searched; it gives the values by chance.

    Returns
    -------
    dict of str to Estimate
        By the name of the measure.
    """
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


def row_tables(found: Mapping[Place, Draws]) -> list[ResultTable]:
    """Lay out what other rows do.

    Parameters
    ----------
    found : mapping of Place to Draws
        What was found for each dataset.

    Returns
    -------
    list of three ResultTables
        Means by the rows of a half; the same for each dataset; and the datasets whose halves are not nearest to each
        other.
    """
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
        ResultTable("Halves by their rows",
              ("rows of a half", "mean rows", "mutual nearest", "nearest of the family", "similarity",
               "similarity to other families", "n"),
              tuple(curve),
              "Nearest among the halves, of that size, of all datasets. Of the family: another dataset that asks for "
              "the same job counts as well."),
        ResultTable("Halves by their rows, each dataset", ("dataset", "family", *columns, "shuffled"), tuple(each)),
        ResultTable("Halves that are not each other's nearest, all rows",
              ("dataset", "family", "rows", "nearest to the first", "nearest to the second", "of the family"),
              tuple(missed)),
    ]  # fmt: skip


def _means(group: Sequence[Halves]) -> tuple[float, ...]:
    """Mutual nearest, nearest of the family, similarity, similarity to other families."""
    columns = ("mutual", "family", "similarity", "others")
    return tuple(float(np.mean([getattr(h, what) for h in group])) for what in columns)
