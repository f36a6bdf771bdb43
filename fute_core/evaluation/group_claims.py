"""How often it is right, and wrong, to say of which wider group something is whose job nothing here does.

Error: a whole group is left out, and its items are told to be of some other group. The level they are held against is
that of the other groups, each left out in turn of a space that lacks both, so that no item sets its own level. Power: a
family is left out whose group has others, and its items are told that group.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from fute_core.evaluation.estimates import Estimate, estimate
from fute_core.evaluation.parts.left_out import LeftOut
from fute_core.evaluation.results import ResultTable
from fute_core.space.scale import Scale
from fute_core.space.wider import GROUP, group_of_family, nearest_group

COLUMNS = ("kind", "told a group without any", "n", "told their group", "told another", "their group nearest", "n")
KINDS = ("dataset", "model", "prompt")


@dataclass(frozen=True)
class Groups:
    """Items that are judged by the groups of families.

    Parameters
    ----------
    read : LeftOut
        The items.
    groups : ndarray of str, shape (n,)
        The group of each; empty for none.
    kinds : ndarray of str, shape (n,)
        The kind of each.
    known : dict
        Similarities in the spaces that were made before, by what they lack.
    """

    read: LeftOut
    groups: NDArray[np.str_]
    kinds: NDArray[np.str_]
    known: dict[bytes, NDArray[np.float64]] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, read: LeftOut) -> "Groups":
        """Look up the groups of items.

        Parameters
        ----------
        read : LeftOut
            The items.

        Returns
        -------
        Groups
            Of all.
        """
        embeddings = [item.embedding for item in read.items]
        groups = np.array([group_of_family(e.family) for e in embeddings])
        return cls(read, groups, np.array([e.kind for e in embeddings]))

    def nearest(self, left_out: NDArray[np.bool_], asked: Sequence[int]) -> list[tuple[str, float] | None]:
        """Find the nearest group of items in a space that lacks some.

        Parameters
        ----------
        left_out : ndarray of bool, shape (n,)
            Which items shape nothing and are no neighbours.
        asked : sequence of int
            Positions of the items that are asked about.

        Returns
        -------
        list of (str, float) or None
            See `wider.nearest_group`.
        """
        m = max(self.read.factors)
        if (key := left_out.tobytes()) not in self.known:
            self.known[key] = self.read.similarities(np.flatnonzero(~left_out).tolist(), [m])[m]
        cosines = self.known[key]
        datasets = np.flatnonzero(~left_out & (self.kinds == "dataset"))
        return [nearest_group(cosines[i, datasets], self.groups[datasets].tolist()) for i in asked]


def group_measures(read: LeftOut, skilled: float) -> tuple[dict[str, dict[str, Estimate]], ResultTable]:
    """Measure claims of a wider group for items of every kind, though only datasets are told theirs.

    Parameters
    ----------
    read : LeftOut
        The items.
    skilled : float
        Skill below which a classifier or prompt has no part in the power.

    Returns
    -------
    dict of str to dict
        By kind ("groups_dataset"): `false`, `claimed`, `wrong` and `nearest`.
    ResultTable
        A row a kind.
    """
    them = Groups.of(read)
    every = sorted(set(them.groups.tolist()) - {""})
    families = np.array([item.embedding.family or "" for item in read.items])
    values: dict[str, dict[str, Estimate]] = {}
    rows = []
    for kind in KINDS:
        alone = {g: _reached(them, [g], g, kind) for g in every}
        false: list[bool] = []
        for group in every:
            level = _level([v for g in every if g != group for _, v in _reached(them, [g, group], g, kind)])
            false += [v >= level for _, v in alone[group]]
        level = _level([v for found in alone.values() for _, v in found])
        told: list[tuple[bool, bool, bool]] = []
        for family in read.families:
            own, group = families == family, group_of_family(family)
            if not group or not (~own & (them.groups == group) & (them.kinds == "dataset")).any():
                continue
            ours = np.flatnonzero(own & (them.kinds == kind)).tolist()
            asked = [i for i in ours if read.items[i].facts.get("skill", 1.0) >= skilled]
            found = [one for one in them.nearest(own, asked) if one is not None]
            told += [(v >= level and g == group, v >= level and g != group, g == group) for g, v in found]
        right, wrong, nearest = (estimate([one[at] for one in told]) for at in range(3))
        values[f"groups_{kind}"] = {"false": estimate(false), "claimed": right, "wrong": wrong, "nearest": nearest}
        rows.append((kind, estimate(false).value, len(false), right.value, wrong.value, nearest.value, len(told)))
    note = (
        "Without any: the whole group is left out, judged by a level of the other groups. Theirs and another: the "
        f"family is left out and others of its group stay; of skill {skilled} and more. Only datasets are told theirs."
    )
    return values, ResultTable("Claims of a wider group", COLUMNS, tuple(rows), note)


def _reached(them: Groups, left_out: list[str], group: str, kind: str) -> list[tuple[str, float]]:
    """What items of a group reach in a space without the groups left out."""
    asked = np.flatnonzero((them.groups == group) & (them.kinds == kind)).tolist()
    return [one for one in them.nearest(np.isin(them.groups, left_out), asked) if one is not None]


def _level(values: Sequence[float]) -> float:
    return replace(Scale({}), best={f"dataset {GROUP}": np.sort(np.array(values))}).claim_level("dataset", GROUP)
