"""Which columns could be the label: those of few repeated values, or of scores."""

from collections.abc import Mapping
from dataclasses import dataclass

from fute_core.datasets.names import LABEL_COLUMNS, label_level, plain
from fute_core.datasets.profiles import Profile, sample
from fute_core.datasets.tables import Table

SPARSE = 0.5
"""A column this much emptier than the fullest candidate is none."""


@dataclass(frozen=True)
class LabelChoice:
    """What could be the label.

    Parameters
    ----------
    first : list of str
        One column where it is plain, several where a user has to be asked, none where nothing is.
    others : list of str
        Columns that could be labels too, though less likely.
    """

    first: list[str]
    others: list[str]


def label_candidates(table: Table, known: Mapping[str, Profile]) -> LabelChoice:
    """Find what could be the label, by what columns hold and are called.

    Parameters
    ----------
    table : Table
        The table.
    known : mapping of str to Profile
        The columns that are not given to another place, in the order of the file.

    Returns
    -------
    LabelChoice
        Several in `first` where a user has to be asked.
    """
    fitting = {name: p for name, p in known.items() if p.classes or _scores(p)}
    fullest = max((p.filled for p in fitting.values()), default=0.0)
    level = {n: -1 if p.filled < SPARSE * fullest else label_level(n) for n, p in fitting.items()}
    named = [n for n in known if label_level(n) > 0 and known[n].kind != "nested"]
    if (
        named
        and max(map(label_level, named)) == 3 > max(level.values(), default=-1)
        and max(level.values(), default=-1) < 2
    ):
        return LabelChoice(_by_name(named)[:1], [])  # what is called "label" is meant, and its fault is told
    first = _likeliest(table, known, level)
    if not first:
        return LabelChoice(_by_name(named)[:1], [])
    others = [
        n for n in fitting if n not in first and known[n].classes and level[n] >= 0 and not _same(table, n, first[0])
    ]
    return LabelChoice(first, others)


def _likeliest(table: Table, known: Mapping[str, Profile], level: Mapping[str, int]) -> list[str]:
    for wanted in (3, 2):
        if found := [n for n, given in level.items() if given == wanted]:
            return _told_apart(table, known, found)
    classes = [n for n, given in level.items() if given >= 0 and known[n].classes]
    scales = [n for n, given in level.items() if given == 1]
    if found := list(dict.fromkeys([*scales, *classes])):
        return _told_apart(table, known, found)
    for wanted in (0, -1):
        if found := [n for n, given in level.items() if given == wanted and (wanted == 0 or known[n].classes)]:
            return _told_apart(table, known, found)
    return []


def _told_apart(table: Table, known: Mapping[str, Profile], names: list[str]) -> list[str]:
    """One column of those that say the same, in words where one has words."""
    left: list[str] = []
    for name in sorted(names, key=lambda n: known[n].kind != "text"):
        if not any(_same(table, name, other) for other in left):
            left.append(name)
    return [name for name in names if name in left]


def _same(table: Table, one: str, other: str) -> bool:
    """Whether two columns are one label under two names: each value of one goes with a single value of the other."""
    found = {(str(row.get(one)), str(row.get(other))) for row in sample(table)}
    return len(found) == len({a for a, _ in found}) == len({b for _, b in found})


def _scores(column: Profile) -> bool:
    named = label_level(column.name) > 0
    return column.kind == "number" and column.scores and len(column.counts) > 1 and (named or not column.ids)


def _by_name(names: list[str]) -> list[str]:
    order = {name: i for i, name in enumerate(LABEL_COLUMNS)}
    return sorted(names, key=lambda n: (-label_level(n), order.get(plain(n), len(order))))
