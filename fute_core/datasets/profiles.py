"""What a column holds: texts, a few values again and again, numbers, dates, ids or nested values."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fute_core.datasets.names import IDS, parts
from fute_core.datasets.tables import Table
from fute_core.datasets.targets import are_scores
from fute_core.datasets.values import MAX_CLASSES, as_numbers, is_missing

SAMPLE = 2_000
"""Rows that are looked at, spread evenly over the file."""
SHORT = 60
"""Labels have fewer characters on average."""
LONG_WORDS = 4
"""Values of so many words on average are texts, even if some repeat."""
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ,].*)?|[A-Z][a-z]{2},? .*\d{1,2}:\d{2}(:\d{2})?.*")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True)
class Profile:
    """What a column holds, from a sample of its rows.

    Parameters
    ----------
    name : str
        The column.
    kind : {"text", "number", "nested", "empty"}
        What nearly all its values are; truth values count as texts.
    n : int
        Values that are there, of the sample.
    filled : float
        Their share of the rows, 0 to 1.
    counts : mapping of value to int
        How often each occurs.
    words, characters : float
        Means over the values; in scripts without blanks a word is taken for two characters.
    dates, ids : bool
        Whether it holds dates, or names of things and no texts.
    scores : bool
        Whether it holds numbers that cannot be numbers of classes.
    """

    name: str
    kind: str
    n: int
    filled: float
    counts: Counter[Any]
    words: float = 0.0
    characters: float = 0.0
    dates: bool = False
    ids: bool = False
    scores: bool = False

    @property
    def classes(self) -> bool:
        """Whether it holds a few values, repeated.

        Returns
        -------
        bool
            True for 2 to `MAX_CLASSES` different short values, each twice on average or more.
        """
        few = 2 <= len(self.counts) <= MAX_CLASSES and self.n >= 2 * len(self.counts)
        return few and self.kind in ("text", "number") and not (self.scores or self.dates) and self.characters <= SHORT

    @property
    def prose(self) -> bool:
        """Whether it holds texts to read.

        Returns
        -------
        bool
            True for various texts that are no dates, ids or labels.
        """
        if self.kind != "text" or self.dates or self.ids or len(self.counts) < 2:
            return False
        various = 2 * len(self.counts) > self.n
        return various or (self.words >= LONG_WORDS and (len(self.counts) > 20 or self.characters > SHORT))

    def example(self) -> str:
        """Show a value that is typical of the column.

        Returns
        -------
        str
            Of texts the first, at most 40 characters; of labels the commonest three.
        """
        if self.classes:
            shown = [_cut(str(value), 20) for value, _ in self.counts.most_common(3)]
            more = ", ..." if len(self.counts) > 3 else ""
            return f"{', '.join(shown)}{more}; {len(self.counts)} values"
        return f'"{_cut(str(next(iter(self.counts), "")), 40)}"'


def _cut(value: str, most: int) -> str:
    line = " ".join(value.split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def profile(table: Table, column: str) -> Profile:
    """Look at what a column holds.

    Parameters
    ----------
    table : Table
        The table.
    column : str
        One of its columns.

    Returns
    -------
    Profile
        From `SAMPLE` rows at most.
    """
    rows = sample(table)
    there = [value for row in rows if not is_missing(value := row.get(column))]
    filled = len(there) / len(rows)
    if not there:
        return Profile(column, "empty", 0, 0.0, Counter())
    if sum(isinstance(v, (list, dict, tuple)) for v in there) * 2 > len(there):
        return Profile(column, "nested", len(there), filled, Counter())
    if any(isinstance(v, (list, dict, tuple, bytes)) for v in there):
        there = [v for v in there if not isinstance(v, (list, dict, tuple, bytes))] or [""]
    if (numbers := as_numbers(there)) is not None:
        width = sum(len(str(v)) for v in there) / len(there)
        serial = len(set(numbers)) == len(numbers) and all(v == int(v) for v in numbers)
        return Profile(
            column, "number", len(there), filled, Counter(numbers), 1.0, width,
            ids=serial, scores=are_scores(numbers),
        )  # fmt: skip
    values = [v.strip() if isinstance(v, str) else str(v) for v in there]
    return Profile(
        column, "text", len(values), filled, Counter(values),
        sum(map(_words, values)) / len(values), sum(map(len, values)) / len(values),
        _are_dates(values), _are_ids(column, values),
    )  # fmt: skip


def sample(table: Table) -> Sequence[dict[str, Any]]:
    """Take rows evenly over a table.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    sequence of dict
        All rows, or `SAMPLE` of them.
    """
    n = len(table.rows)
    return table.rows if n <= SAMPLE else [table.rows[i * n // SAMPLE] for i in range(SAMPLE)]


def _words(value: str) -> float:
    return len(value.split()) + len(UNSPACED.findall(value)) / 2


def _are_dates(values: Sequence[str]) -> bool:
    return sum(bool(DATE.fullmatch(value)) for value in values) > 0.8 * len(values)


def _are_ids(column: str, values: Sequence[str]) -> bool:
    """Values of one piece that are named as ids, or that never repeat and are made of digits and letters."""
    if sum(_words(value) > 1 for value in values) > 0.1 * len(values):
        return False
    digits = sum(any(c.isdigit() for c in value) for value in values)
    named = any(word in IDS for word in parts(column)[-1:])
    return named or (len(set(values)) == len(values) and digits > 0.8 * len(values))
