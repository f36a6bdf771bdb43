"""Which column of a table is the text, the second text of a pair, and the label."""

import difflib
from collections.abc import Sequence

from fute_core.datasets.tables import Table
from fute_core.errors import BadInput

PAIRED_COLUMNS = (
    ("text", "text_pair"),
    ("premise", "hypothesis"),
    ("sentence1", "sentence2"),
    ("sentence_a", "sentence_b"),
    ("text1", "text2"),
    ("question1", "question2"),
    ("question", "sentence"),
    ("question", "passage"),
)
TEXT_COLUMNS = (
    "text", "sentence", "review", "content", "tweet", "comment", "question", "message", "document", "title", "premise",
    "sentence1",
)  # fmt: skip
LABEL_COLUMNS = ("label", "labels", "target", "class", "category", "gold_label", "label_text", "intent", "score")


def choose_columns(
    table: Table, text: str | None, text_pair: str | None, label: str | None
) -> tuple[str, str | None, str]:
    """Find the columns: those that are given, else the first of the usual names, in upper or lower case.

    A column of second texts is looked for only where no text column is given.

    Parameters
    ----------
    table : Table
        The table.
    text, text_pair, label : str or None
        Names of columns, None for the usual ones.

    Returns
    -------
    text : str
        Column of the texts, or of the first texts of pairs.
    text_pair : str or None
        Column of the second texts; None for single texts.
    label : str
        Column of the labels.

    Raises
    ------
    BadInput
        Where there is no such column; names the columns there are.
    """
    by_case = {name.lower(): name for name in reversed(table.columns)}
    if text is not None:
        first = _given(table, text)
        second = None if text_pair is None else _given(table, text_pair)
    elif text_pair is not None:
        second = _given(table, text_pair)
        first = _usual(table, by_case, [c for c in TEXT_COLUMNS if c != second.lower()], "text", "--text-column")
    else:
        pair = next((p for p in PAIRED_COLUMNS if p[0] in by_case and p[1] in by_case), None)
        first = by_case[pair[0]] if pair else _usual(table, by_case, TEXT_COLUMNS, "text", "--text-column")
        second = by_case[pair[1]] if pair else None
    if label is not None:
        return first, second, _given(table, label)
    return first, second, _usual(table, by_case, LABEL_COLUMNS, "label", "--label-column")


def _given(table: Table, name: str) -> str:
    if name in table.columns:
        return name
    near = difflib.get_close_matches(name, table.columns, 1)
    guess = f"did you mean {near[0]!r}?" if near else f"it has {listed(table.columns)}."
    raise BadInput(f"{table.file} has no column {name!r}; {guess}")


def _usual(table: Table, by_case: dict[str, str], usual: Sequence[str], what: str, option: str) -> str:
    for name in usual:
        if name in by_case:
            return by_case[name]
    near = next((by_case[m[0]] for name in usual if (m := difflib.get_close_matches(name, by_case, 1, 0.75))), None)
    raise BadInput(
        f"{table.file} has no {what} column called {', '.join(usual[:4])} or the like, but {listed(table.columns)}; "
        f"name it with {option}" + (f" (is it {near!r}?)." if near else ".")
    )


def listed(names: Sequence[str]) -> str:
    """Names for a message: the first eight, each cut to 30 characters, and how many more there are.

    Parameters
    ----------
    names : sequence of str
        Columns or labels.

    Returns
    -------
    str
        The names in quotes, with commas between them.
    """
    shown = [repr(name[:30]) for name in names[:8]]
    return ", ".join(shown) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
