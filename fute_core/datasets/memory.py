"""A dataset from what a user has in memory: lists, tuples, arrays, and columns of data frames.

The values are read by the same rules as the cells of a file, so that the same rows give the same vector.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.arguments import flags, strings
from fute_core.datasets.answer_pairs import LABEL, SENTENCE, answer_pairs
from fute_core.datasets.cells import read_labels, read_texts
from fute_core.datasets.held import column_names, listed_values
from fute_core.datasets.spans import ANSWERS, PASSAGE, QUESTION, has_spans
from fute_core.datasets.tables import Table
from fute_core.datasets.targets import are_scores, class_targets, score_targets
from fute_core.errors import BadInput
from fute_core.tasks import TaskDataset, Text

TOLERANCE = 0.01
"""How far from 1 a row of soft targets may sum; it is then scaled to 1."""


class _Lists(Table):
    """Arguments as a table, whose faults are named as a user wrote them."""

    def where(self, row: int, column: str | None = None) -> str:
        return f"{column}[{row}]" if column else f"fute.Dataset, item {row}"


def Dataset(
    texts: Iterable[Text] | Iterable[Sequence[str]],
    labels: Iterable[Any],
    *,
    text_pairs: Iterable[str] | None = None,
    passages: Iterable[str] | None = None,
    label_names: Sequence[str] | None = None,
    name: str | None = None,
    family: str | None = None,
    regression: bool | None = None,
) -> TaskDataset:
    """Make a dataset from texts and labels in memory.

    Parameters
    ----------
    texts : list, tuple, array or Series of str, length n
        The texts. Pairs are n tuples or lists of two texts, or two lists of n texts.
    labels : list, tuple, array or Series, length n
        Labels as str, int or bool; numbers that are no classes, as scores (regression); or soft targets, as an array
        of shape (n, k), n dicts from label to probability, or a data frame with a column a label, each summing to 1.
    text_pairs : list, tuple, array or Series of str, length n, optional
        The second text of each pair, where `texts` has the first ones.
    passages : list, tuple, array or Series of str, length n, optional
        For question answering: the passage that each text is a question about. `labels` are then its answers, as the
        Hub has them: dicts with lists `text` and `answer_start`. What becomes of them tells `answer_pairs`.
    label_names : sequence of str, length k, optional
        Names of the labels 0 .. k-1, or of the columns of soft targets.
    name : str, optional
        What to call the dataset; by default "dataset-" with the first digits of its content.
    family : str, optional
        The job that it does, such as "sentiment"; colours maps, and tells known kin from strangers.
    regression : bool, optional
        True reads numbers as scores, False as classes; by default the numbers decide, as for a file.

    Returns
    -------
    TaskDataset
        What `embed` takes.

    Raises
    ------
    BadInput
        For texts and labels of different length, a value that is no text or no label, mixed kinds, or one label only.

    Examples
    --------
    >>> import fute_core as fute
    >>> fute.Dataset(["fine", "good", "dull", "bad"], [1, 1, 0, 0], label_names=["negative", "positive"], name="films")
    <Dataset 'films'; texts: 4; labels: negative 2, positive 2>
    >>> fute.Dataset([("a cat", "an animal"), ("a cat", "a dog")] * 2, ["yes", "no"] * 2, name="follows")
    <Dataset 'follows'; pairs of texts: 4; labels: no 2, yes 2>
    """
    strings(name=name, family=family)
    flags(regression=regression)
    if isinstance(label_names, str):
        raise BadInput(f"label_names is the single string {label_names!r:.60}; give a list, one name for each label.")
    given = listed_values("texts", texts)
    soft = getattr(labels, "to_dict", None) if len(column_names(labels) or ()) > 1 else None  # a data frame
    values = listed_values("labels", labels if soft is None else soft("records"))
    notes: tuple[str, ...] = ()
    if passages is not None:
        given, values, notes = _answered(given, listed_values("passages", passages), values)
    given = _paired(given, None if text_pairs is None else listed_values("text_pairs", text_pairs), len(values))
    if len(given) != len(values):
        raise BadInput(f"texts has {len(given)} items and labels has {len(values)}; give one label for each text.")
    if not given:
        raise BadInput("texts is empty; give at least two texts for each label.")
    columns = ("texts", "text_pairs") if isinstance(given[0], tuple) else ("texts",)
    rows = [dict(zip(columns, item if isinstance(item, tuple) else (item,), strict=True)) for item in given]
    second = "text_pairs" if len(columns) == 2 else None
    read = read_texts(_Lists("texts", columns, rows), range(len(rows)), "texts", second)
    known, targets = _targets(values, label_names, regression)
    made = TaskDataset(name or "", tuple(read), targets, known, family, notes=notes)
    return made if name else replace(made, name=f"dataset-{made.fingerprint()[:6]}")


def _answered(
    asked: list[Any], passages: list[Any], answers: list[Any]
) -> tuple[list[Any], list[Any], tuple[str, ...]]:
    """Pairs, their labels, and how they were made, of questions about passages."""
    if not len(asked) == len(passages) == len(answers):
        raise BadInput(
            f"texts has {len(asked)} items, passages {len(passages)} and labels {len(answers)}; give one for each."
        )
    columns = (QUESTION, PASSAGE, ANSWERS)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(asked, passages, answers, strict=True)]
    table = _Lists("fute.Dataset", columns, rows)
    if not has_spans(table):
        raise BadInput("labels beside passages are no answers; give dicts with lists text and answer_start.")
    made = answer_pairs(table)
    return [(row[QUESTION], row[SENTENCE]) for row in made.rows], [row[LABEL] for row in made.rows], made.notes


def _paired(given: list[Any], seconds: list[Any] | None, n: int) -> list[Any]:
    """Single texts as they are, or a tuple for each pair. Raises BadInput for a mix of both."""
    two = len(given) == 2 and n > 2 and all(isinstance(g, (list, tuple)) and len(g) == n for g in given)
    if seconds is None and two:
        given, seconds = list(given[0]), list(given[1])
    if seconds is not None:
        if len(given) != len(seconds):
            raise BadInput(f"texts has {len(given)} items and text_pairs has {len(seconds)}; give one for each.")
        return list(zip(given, seconds, strict=True))
    pairs = [isinstance(item, (list, tuple)) for item in given]
    if not any(pairs):
        return given
    if not all(pairs):
        raise BadInput(
            f"texts mixes single texts (texts[{pairs.index(False)}]) and pairs (texts[{pairs.index(True)}]); "
            "keep them in datasets of their own."
        )
    if odd := [i for i, item in enumerate(given) if len(item) != 2]:
        raise BadInput(f"texts[{odd[0]}] has {len(given[odd[0]])} texts; give one text, or a pair of two.")
    return [tuple(item) for item in given]


def _targets(
    values: list[Any], names: Sequence[str] | None, regression: bool | None
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Label names and targets (n, k), or no names and scores (n, 1)."""
    known = None if names is None else [str(name) for name in listed_values("label_names", names)]
    if all(isinstance(v, (list, tuple)) and len(v) == 1 for v in values):  # a column of shape (n, 1)
        values = [v[0] for v in values]
    if any(isinstance(v, (list, tuple, Mapping)) for v in values):
        return _soft(values, known)
    _check_kinds(values)
    read = read_labels(_Lists("labels", ("labels",), [{"labels": v} for v in values]), range(len(values)), "labels")
    table = _Lists("fute.Dataset", ("labels",), [])
    if known is not None and regression:
        raise BadInput("label_names is given, but regression=True reads labels as scores; leave one of them out.")
    if known is not None:
        return class_targets(table, "labels", [_name(i, v, known) for i, v in enumerate(read)], known)
    if regression or (regression is None and are_scores(read)):
        return (), score_targets(table, range(len(read)), "labels", read)
    return class_targets(table, "labels", read, None)


def _check_kinds(values: Sequence[Any]) -> None:
    first: dict[str, int] = {}
    for i, value in enumerate(values):
        kind = "truth values" if isinstance(value, bool) else "texts" if isinstance(value, str) else "numbers"
        if value is not None:
            first.setdefault(kind, i)
    if len(first) > 1:
        (one, i), (other, j), *_ = first.items()
        raise BadInput(
            f"labels mixes {one} (labels[{i}] is {values[i]!r}) and {other} (labels[{j}] is {values[j]!r}); "
            "write all labels the same way."
        )


def _name(i: int, value: str | float, known: Sequence[str]) -> str:
    """The label's name: the value itself, or the name at that number."""
    if isinstance(value, str) and value in known:
        return value
    if not isinstance(value, str) and value == int(value) and 0 <= value < len(known):
        return known[int(value)]
    near = difflib.get_close_matches(str(value), known, 1)
    guess = f"did you mean {near[0]!r}?" if near else f"give one of {', '.join(known)}, or a number below {len(known)}."
    raise BadInput(f"labels[{i}] is {value!r}, which label_names does not have; {guess}")


def _soft(values: list[Any], known: list[str] | None) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Targets from rows of probabilities."""
    if all(isinstance(v, Mapping) for v in values):
        found = dict.fromkeys(str(label) for row in values for label in row)
        names = known or sorted(found)
        if unknown := next((label for label in found if label not in names), None):
            raise BadInput(f"labels has a probability of {unknown!r}, which label_names does not have; add it there.")
        values = [[{str(k): p for k, p in row.items()}.get(name, 0.0) for name in names] for row in values]
    else:
        lengths = [len(v) if isinstance(v, (list, tuple)) else 0 for v in values]
        k = len(known) if known else lengths[0]
        if odd := [i for i, n in enumerate(lengths) if n != k]:
            raise BadInput(f"labels[{odd[0]}] is no row of {k} probabilities as others are; give one for each label.")
        names = known or [str(i) for i in range(k)]
    try:
        rows = np.array(values, np.float64)
    except (TypeError, ValueError):
        raise BadInput("labels has rows that are not all numbers; give one probability for each label.") from None
    for i, row in enumerate(rows):
        total = float(row.sum())
        if not np.isfinite(row).all() or (row < 0).any() or abs(total - 1) > TOLERANCE:
            raise BadInput(f"labels[{i}] is {row.tolist()!r:.80}, no distribution; give probabilities that sum to 1.")
    return tuple(names), (rows / rows.sum(1, keepdims=True)).astype(np.float32)
