"""Whether the first line of a file of cells holds names of columns, or is a row like the others."""

from collections import Counter
from collections.abc import Sequence

from fute_core.datasets.names import SCALES, label_level, plain, text_level
from fute_core.datasets.values import MAX_CLASSES, as_numbers, is_missing

LONG_WORDS = 8
"""A cell of so many words, above texts, is a text itself unless another cell is a usual name."""
NAMES = frozenset(("id", "idx", "index", "text_pair", "hypothesis", "answer", "date", "split", *SCALES))


def has_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a first line names columns.

    Parameters
    ----------
    first : sequence of str
        Cells of the first line.
    below : sequence of sequence of str
        Cells of lines below, as many in each.

    Returns
    -------
    bool
        False where a cell is a label that recurs below it, a number above numbers, or a text above texts.
    """
    cells = [cell.strip() for cell in first]
    if not below or len(cells) < 2 or cells == [str(i) for i in range(len(cells))]:
        return True
    usual = any(plain(c) in NAMES or label_level(c) > 0 or text_level(c) > 0 for c in cells if len(c.split()) <= 3)
    if usual and list(first) in below:
        return True  # files were put one after the other
    columns = [[row[i].strip() for row in below] for i in range(len(cells))]
    if any(_recurs(cell, column) or _is_number(cell, column) for cell, column in zip(cells, columns, strict=True)):
        return False
    return usual or not any(_is_text(cell, column) for cell, column in zip(cells, columns, strict=True))


def _recurs(cell: str, column: Sequence[str]) -> bool:
    """Whether a cell is one of the few values of the column below it."""
    counts = Counter(column)
    few = 2 <= len(counts) <= MAX_CLASSES and 2 * len(counts) <= len(column) + 1
    return bool(cell) and few and counts[cell] > 0


def _is_number(cell: str, column: Sequence[str]) -> bool:
    there = [value for value in column if not is_missing(value)]
    return as_numbers([cell]) is not None and bool(there) and as_numbers(there) is not None


def _is_text(cell: str, column: Sequence[str]) -> bool:
    words = sum(len(value.split()) for value in column) / max(len(column), 1)
    return len(cell.split()) >= LONG_WORDS and words >= LONG_WORDS / 2 and not cell.endswith(("?", ":"))
