"""How a table would read as a dataset, shown to a user before it is one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fute_core.datasets.cells import read_texts
from fute_core.datasets.columns import choose_columns
from fute_core.datasets.labelled import read_labelled
from fute_core.datasets.tables import Table
from fute_core.tasks import Text

FEW_ROWS = 100
FEW_A_LABEL = 10
LOPSIDED = 10
LONG_CHARACTERS = 600
"""Beyond this a text is probably cut: the surrogate reads 128 tokens."""


@dataclass(frozen=True)
class Preview:
    """What a table would be as a dataset.

    Parameters
    ----------
    columns : tuple of str
        All columns there are.
    text : str
        Column of the texts, or of the first texts of pairs.
    text_pair : str or None
        Column of the second texts; None for single texts.
    label : str
        Column of the labels.
    n_rows : int
        Rows that are read, without those that are left out.
    regression : bool
        Labels are scores.
    labels : dict of str to int
        Rows of each label, the commonest first; empty for scores.
    rows : list of dict
        The first few rows, as text, text_pair and label.
    warnings : tuple of str
        Sentences about how the file was read and what may go wrong, none of which stops anything.
    dropped : mapping
        Rows that are left out, by reason.
    """

    columns: tuple[str, ...]
    text: str
    text_pair: str | None
    label: str
    n_rows: int
    regression: bool
    labels: dict[str, int]
    rows: list[dict[str, str]]
    warnings: tuple[str, ...]
    dropped: Mapping[str, int]

    @property
    def pair(self) -> bool:
        """Whether texts come in pairs.

        Returns
        -------
        bool
            True where there is a column of second texts.
        """
        return self.text_pair is not None


def preview(
    table: Table, *, text: str | None = None, text_pair: str | None = None, label: str | None = None,
    regression: bool | None = None, label_case: str | None = None, shown: int = 6,
) -> Preview:  # fmt: skip
    """Show how a table reads as a dataset.

    Parameters
    ----------
    table : Table
        The table.
    text, text_pair, label : str, optional
        Columns; by default those that are plain, see `columns.choose_columns`.
    regression : bool, optional
        Labels are scores; by default their values decide, see `targets.are_scores`.
    label_case : {"merge", "keep"}, optional
        What becomes of labels that differ in upper and lower case alone.
    shown : int, default 6
        How many rows to show.

    Returns
    -------
    Preview
        Columns, labels, first rows and warnings.

    Raises
    ------
    BadInput
        Where the table cannot be a dataset, as `catalog.load_dataset` does.
    """
    columns = choose_columns(table, text, text_pair, label)
    assert columns.text is not None
    assert columns.label is not None
    read = read_labelled(table, range(len(table.rows)), columns, regression=regression, label_case=label_case)
    counts = {} if read.scores else dict(Counter(map(_label, read.values)).most_common())
    texts = read_texts(table, read.index, columns.text, columns.text_pair)
    rows = [
        {"text": t[0] if isinstance(t, tuple) else t, "text_pair": t[1] if isinstance(t, tuple) else "",
         "label": _label(value)}
        for t, value in zip(texts[:shown], read.values, strict=False)
    ]  # fmt: skip
    return Preview(
        table.columns, columns.text, columns.text_pair, columns.label, len(read.index), read.scores, counts, rows,
        (*table.notes, *read.notes, *_warnings(texts, counts)), {**table.dropped, **read.dropped},
    )  # fmt: skip


def _warnings(texts: Sequence[Text], counts: dict[str, int]) -> tuple[str, ...]:
    told = []
    if len(texts) < FEW_ROWS:
        told.append(f"Only {len(texts):,} rows: the embedding will be rough; a few hundred make it stable.")
    rare = [name for name, n in counts.items() if n < FEW_A_LABEL]
    if rare:
        shown = ", ".join(rare[:3]) + (f" and {len(rare) - 3} more" if len(rare) > 3 else "")
        told.append(f"Few rows with {shown}: under {FEW_A_LABEL} a label say little about it.")
    if counts and max(counts.values()) > LOPSIDED * min(counts.values()):
        told.append("Labels are lopsided; rows are drawn evenly over the labels as far as they go.")
    if repeated := len(texts) - len(set(texts)):
        told.append(f"{repeated:,} rows repeat the text of another one.")
    joined = [t if isinstance(t, str) else " ".join(t) for t in texts]
    if long := sum(len(t) > LONG_CHARACTERS for t in joined):
        told.append(f"{long:,} texts are long; only the first 128 tokens of a text are read.")
    return tuple(told)


def _label(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{int(value)}" if value == int(value) else f"{value:g}"
