"""From the rows of a table to texts and targets: which column is what, and whether labels are classes or scores."""

import difflib
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from fute_core.datasets.tables import Table
from fute_core.errors import BadInput
from fute_core.tasks import Text

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
MAX_CLASSES = 200
"""A column with more distinct labels is taken for the wrong one."""
MAX_NUMBERED_CLASSES = 20
"""More distinct whole numbers are scores, unless they are exactly 0 .. k-1."""


def choose_columns(
    table: Table, text: str | None, text_pair: str | None, label: str | None
) -> tuple[str, str | None, str]:
    """(text, text pair or None, label): as given, else the first of the usual names, in any case.

    A pair column is looked for only where no text column is given. Raises BadInput naming the columns there are.
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
    guess = f"did you mean {near[0]!r}?" if near else f"it has {_listed(table.columns)}."
    raise BadInput(f"{table.file} has no column {name!r}; {guess}")


def _usual(table: Table, by_case: dict[str, str], usual: Sequence[str], what: str, option: str) -> str:
    for name in usual:
        if name in by_case:
            return by_case[name]
    near = next((by_case[m[0]] for name in usual if (m := difflib.get_close_matches(name, by_case, 1, 0.75))), None)
    raise BadInput(
        f"{table.file} has no {what} column called {', '.join(usual[:4])} or the like, but {_listed(table.columns)}; "
        f"name it with {option}" + (f" (is it {near!r}?)." if near else ".")
    )


def _listed(names: Sequence[str]) -> str:
    shown = [repr(name[:30]) for name in names[:8]]
    return ", ".join(shown) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def read_texts(table: Table, index: Sequence[int], first: str, second: str | None) -> list[Text]:
    """Texts, or (text, text pair) where there is a second column, of the rows at `index`."""
    columns = (first,) if second is None else (first, second)
    texts: list[Text] = []
    for i in index:
        row = table.rows[i]
        if second is not None and row.get(second) in (None, "") and isinstance(row.get(first), str):
            raise BadInput(
                f"{table.where(i, second)} is empty, so single texts and pairs are mixed; "
                "keep them in files of their own, or drop the row."
            )
        for column in columns:
            value = row.get(column)
            if not isinstance(value, str):
                raise BadInput(f"{table.where(i, column)} holds {_kind(value)} instead of a text; fill it or drop it.")
            if not value or value.isspace():
                raise BadInput(f"{table.where(i, column)} has no text; fill it or drop the row.")
            _check_unicode(table, i, column, value)
        texts.append(row[first] if second is None else (row[first], row[second]))
    return texts


def _check_unicode(table: Table, i: int, column: str, value: str) -> None:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise BadInput(
            f"{table.where(i, column)} has half of a surrogate pair, which is no character; write the file as UTF-8."
        ) from None


def has_label(row: dict[str, Any], column: str) -> bool:
    value = row.get(column)
    if isinstance(value, float):
        return not math.isnan(value)
    return value is not None and not (isinstance(value, str) and value.strip().lower() in ("", "nan"))


def read_labels(table: Table, index: Sequence[int], column: str) -> list[str | float]:
    """Label values of the rows at `index`: floats where every one is a number, else texts.

    Raises BadInput for a missing label and for lists, objects and other values that are no label.
    """
    values: list[Any] = []
    for i in index:
        value = table.rows[i].get(column)
        if not has_label(table.rows[i], column):
            raise BadInput(f"{table.where(i, column)} has no label; fill it or drop the row.")
        if not isinstance(value, (str, int, float)):
            raise BadInput(f"{table.where(i, column)} holds {_kind(value)}; give one label a row, as text or number.")
        if isinstance(value, str):
            _check_unicode(table, i, column, value)
        values.append(value.strip() if isinstance(value, str) else value)
    numbers = _as_numbers(values)
    return [str(v) for v in values] if numbers is None else numbers


def _as_numbers(values: Sequence[Any]) -> list[float] | None:
    """All as finite numbers that float32 can hold, or None; truth values are names."""
    if any(isinstance(v, bool) for v in values):
        return None
    try:
        numbers = [float(v) for v in values]
    except (ValueError, OverflowError):
        return None
    return numbers if all(abs(v) < 3e38 for v in numbers) else None


def _kind(value: Any) -> str:
    names = {type(None): "nothing", bool: "a truth value", int: "a number", float: "a number", list: "a list",
             dict: "an object", str: "a text"}  # fmt: skip
    return names.get(type(value), f"a {type(value).__name__}")


def are_scores(values: Sequence[str | float]) -> bool:
    """Whether label values are scores: numbers that cannot be class ids."""
    if any(isinstance(v, str) for v in values):
        return False
    distinct = set(values)
    whole = all(v == int(v) for v in distinct)
    numbered = whole and distinct == set(range(len(distinct)))
    return not whole or (len(distinct) > MAX_NUMBERED_CLASSES and not numbered)


def class_targets(
    table: Table, column: str, values: Sequence[str | float], known: Sequence[str] | None
) -> tuple[tuple[str, ...], np.ndarray]:
    """(labels in sorted or `known` order, one-hot float32 (n, k)).

    Raises BadInput for one label only, fewer than two rows of a label, more than `MAX_CLASSES` labels, or one that is
    not `known`.
    """
    counts = Counter(values)
    named = {v: v if isinstance(v, str) else f"{int(v)}" if v == int(v) else repr(v) for v in sorted(counts)}
    labels = tuple(known) if known else tuple(named.values())
    if unknown := next((name for name in named.values() if name not in labels), None):
        raise BadInput(f"{table.file} has the label {unknown[:60]!r}, which its card does not list: {_listed(labels)}.")
    if len(counts) > MAX_CLASSES:
        raise BadInput(
            f"{table.file}, column {column!r} has {len(counts)} different labels, more than {MAX_CLASSES}; "
            "is it the right column?"
        )
    if len(counts) == 1:
        raise BadInput(
            f"{table.file}, column {column!r} has one label only ({next(iter(named.values()))[:60]!r}); "
            "a task needs at least two."
        )
    value, rarest = min(counts.items(), key=lambda item: item[1])
    if rarest < 2:
        raise BadInput(
            f"{table.file}, column {column!r} has a single row with the label {named[value][:60]!r}; "
            "give every label at least two rows, or drop that one."
        )
    position = {name: i for i, name in enumerate(labels)}
    targets = np.zeros((len(values), len(labels)), np.float32)
    targets[np.arange(len(values)), [position[named[v]] for v in values]] = 1
    return labels, targets


def score_targets(table: Table, index: Sequence[int], column: str, values: Sequence[str | float]) -> np.ndarray:
    """float32 (n, 1). Raises BadInput for labels that are no numbers, or all the same."""
    for i, value in zip(index, values, strict=True):
        if isinstance(value, str) and _as_numbers([value]) is None:
            raise BadInput(f"{table.where(i, column)} is no number ({value[:40]!r}), which scores have to be.")
    if len(set(values)) == 1:
        raise BadInput(f"{table.file}, column {column!r} has the same score everywhere; a task needs different ones.")
    return np.array(values, np.float32)[:, None]


def draw(values: Sequence[str | float], limit: int | None, seed: int, *, scores: bool) -> list[int]:
    """Positions of at most `limit` rows in file order, as even over the labels as they allow; any rows for `scores`.

    A smaller limit takes a part of what a larger one takes, with the same seed.
    """
    n = len(values)
    if limit is None or limit >= n:
        return list(range(n))
    rng = np.random.default_rng(seed)
    if scores:
        return sorted(rng.permutation(n)[:limit].tolist())
    groups: dict[str | float, list[int]] = {}
    for i, value in enumerate(values):
        groups.setdefault(value, []).append(i)
    queues = [rng.permutation(groups[value]).tolist() for value in sorted(groups)]
    taken: list[int] = []
    while len(taken) < limit:
        taken += [queue.pop() for queue in queues if queue][: limit - len(taken)]
    return sorted(taken)
