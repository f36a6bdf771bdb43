"""How often what is said of a newcomer is wrong: of pairs, and of the nearest dataset.

Each shipped family is left out of everything: of the space, and of what strangers are measured on. Its items are then
newcomers without kin, of which nothing should be claimed. Newcomers with kin are datasets and classifiers whose own
dataset is left out while its family stays, and the prompts, which shape no whitening.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from fute_core.atlas.gallery import load_gallery
from fute_core.atlas.landing import STAGES
from fute_core.errors import BadInput
from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.group_claims import group_measures
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.parts.newcomers import newcomers_reach
from fute_core.evaluation.parts.reference import task_of
from fute_core.evaluation.results import Result, ResultTable
from fute_core.space.kinds import kind_on_scale
from fute_core.space.scale import CLAIM_ERROR, Scale, scale_of_pairs

SKILLED = 0.3
"""Classifiers and prompts of less skill answer too badly to be known by their answers."""


@dataclass(frozen=True)
class Newcomer:
    """An item judged as something new.

    Parameters
    ----------
    kind : str
        "dataset", "model" or "prompt".
    family : str
        Its own.
    n : int
        Probe texts it was judged by.
    skilled : bool
        It does its job: its skill is at least `SKILLED`.
    kin : bool
        The space has a dataset of its family.
    claimed : bool
        It is told to be kin of the nearest dataset.
    right : bool
        The nearest dataset is of its family.
    """

    kind: str
    family: str
    n: int
    skilled: bool
    kin: bool
    claimed: bool
    right: bool


def claims_result(quick: bool = False, told: Callable[[str], None] = lambda message: None) -> Result:
    """Judge every shipped item over single texts as a newcomer.

    Parameters
    ----------
    quick : bool, default False
        Two families and all probe texts only, and no groups.
    told : callable
        Hears a sentence of each family.

    Returns
    -------
    Result
        Rates of claims by kind and number of texts, and of pairs by kinds.

    Raises
    ------
    BadInput
        Where no gallery ships.
    """
    gallery = load_gallery(False)
    if gallery is None:
        raise BadInput("No gallery ships with this installation; build it with `fute gallery build`.")
    counts = [len(gallery.basis)] if quick else [n for n in STAGES if n <= len(gallery.basis)]
    read = LeftOut.of(gallery.items, gallery.basis, counts)
    strangers: list[Newcomer] = []
    pairs: dict[str, list[tuple[float, float]]] = {}
    for family in read.families[: 2 if quick else None]:
        told(f"{family} is left out")
        rest = read.without(family)
        single, best = newcomers_reach(read, rest, counts)
        own = [i for i in range(len(read.items)) if read.items[i].embedding.family == family]
        for n, cosines in read.similarities(rest, counts).items():
            strangers += _judged(read, own, rest, n, cosines, Scale({}, single[n], best=best[n]))
            if n == max(counts):
                known = scale_of_pairs([read.items[i].embedding for i in rest], cosines[np.ix_(rest, rest)])
                _add_shares(pairs, read, own, rest, cosines, Scale(known.null, single[n]))
    kin = _with_kin(read, counts, gallery.scales, 2 if quick else None)
    found = _result([*strangers, *(newcomer for newcomer in kin if newcomer.kin)], pairs, counts)
    if quick:
        return found
    told("groups of families are left out")
    groups, table = group_measures(read, SKILLED)
    return replace(found, values={**found.values, **groups}, tables=(*found.tables, table))


def _with_kin(read: LeftOut, counts: Sequence[int], scales: Mapping[int, Scale], first: int | None) -> list[Newcomer]:
    tasks = sorted({task for item in read.items if (task := task_of(item)) is not None})
    groups = [[i for i, item in enumerate(read.items) if task_of(item) == task] for task in tasks[:first]]
    groups.append([i for i, item in enumerate(read.items) if task_of(item) is None])
    found = []
    for own in groups:
        prompts = task_of(read.items[own[0]]) is None
        rest = [i for i in range(len(read.items)) if prompts or i not in own]
        for n, cosines in read.similarities(rest, counts).items():
            found += _judged(read, own, rest, n, cosines, scales[n])
    return found


def _judged(
    read: LeftOut, own: Sequence[int], rest: Sequence[int], n: int, cosines: NDArray[np.float64], scale: Scale
) -> list[Newcomer]:
    datasets = [j for j in rest if read.items[j].embedding.kind == "dataset"]
    found = []
    for i in own:
        item = read.items[i]
        nearest = max(datasets, key=lambda j: cosines[i, j])
        kin = any(read.items[j].embedding.family == item.embedding.family for j in datasets)
        claimed = bool(cosines[i, nearest] >= scale.claim_level(kind_on_scale(item.embedding), "dataset"))
        right = read.items[nearest].embedding.family == item.embedding.family
        skilled = bool(item.facts.get("skill", 1.0) >= SKILLED)
        found.append(Newcomer(item.embedding.kind, item.embedding.family or "", n, skilled, kin, claimed, right))
    return found


def _add_shares(
    pairs: dict[str, list[tuple[float, float]]],
    read: LeftOut,
    own: Sequence[int],
    rest: Sequence[int],
    cosines: NDArray[np.float64],
    scale: Scale,
) -> None:
    """Shares of the newcomers' pairs by what reference items reach among themselves, and by what newcomers reach."""
    for i in own:
        for j in rest:
            one, other = read.items[i].embedding, read.items[j].embedding
            if other.family:
                known = scale.share(one.kind, other.kind, float(cosines[i, j]), 0)
                new = scale.share(kind_on_scale(one), other.kind, float(cosines[i, j]), 1)
                pairs.setdefault(f"{one.kind} {other.kind}", []).append((known, new))


def _result(
    newcomers: Sequence[Newcomer], pairs: dict[str, list[tuple[float, float]]], counts: Sequence[int]
) -> Result:
    values: dict[str, object] = {}
    rows = []
    for kind in ("dataset", "model", "prompt"):
        for n in counts:
            some = [c for c in newcomers if (c.kind, c.n) == (kind, n)]
            lacking, kin = [c for c in some if not c.kin], [c for c in some if c.kin and c.skilled]
            false = estimate([c.claimed for c in lacking])
            claims = estimate([c.claimed for c in kin])
            right = estimate([c.right for c in some if c.kin and c.claimed])
            nearest = estimate([c.right for c in kin])
            values[f"{kind}_{n}"] = {"false": false, "claimed": claims, "right": right, "nearest": nearest}
            rows.append((kind, n, *_cells(false), *_cells(claims), *_cells(nearest), *_cells(right)))
    pair_rows = []
    for kinds, shares in sorted(pairs.items()):
        old, new = (float(np.mean([share[at] <= CLAIM_ERROR for share in shares])) for at in (0, 1))
        values[f"pairs_{kinds.replace(' ', '_')}"] = {"reference": old, "newcomers": new, "n": len(shares)}
        pair_rows.append((*kinds.split(), len(shares), old, new))
    columns = (
        "kind", "texts", "claims without kin", "n", "claims with kin", "n", "nearest right", "n", "claims right", "n",
    )  # fmt: skip
    tables = (
        ResultTable(
            "Claims about the nearest dataset", columns, tuple(rows),
            f"Without kin: the family is left out of space and scale; at most {CLAIM_ERROR} should be told kin. With "
            f"kin: items of skill {SKILLED} and more whose family has another dataset. Claims right: of all with kin.",
        ),
        ResultTable(
            "Families of claims without kin", ("kind", "texts", "families with a claim", "families", "which"),
            tuple(_families(newcomers, counts)), "Of each family so many items without kin are told to have some.",
        ),
        ResultTable(
            "Pairs that do different jobs, told to be closer than 19 in 20", ("newcomer", "beside", "pairs",
            "by the scale of reference items", "by the scale of newcomers"), tuple(pair_rows),
            "Each family left out of space and scale. A true scale gives 0.05.",
        ),
    )  # fmt: skip
    return Result("claims", "What is claimed of newcomers", values, tables, (
        "Families are few, so the items of one left out are no independent cases, and rates are coarse.",
    ))  # fmt: skip


def _families(newcomers: Sequence[Newcomer], counts: Sequence[int]) -> Iterator[tuple[str, int, int, int, str]]:
    """A row for each kind and number of texts."""
    for kind in ("dataset", "model", "prompt"):
        for n in counts:
            lacking = [c for c in newcomers if (c.kind, c.n, c.kin) == (kind, n, False)]
            items, claimed = Counter(c.family for c in lacking), Counter(c.family for c in lacking if c.claimed)
            which = ", ".join(f"{family} {k} of {items[family]}" for family, k in sorted(claimed.items()))
            yield kind, n, len(claimed), len(items), which or "-"


def _cells(found: Estimate) -> tuple[float, int]:
    return found.value, found.n
