"""Labels that were said: a column of hard labels, or raw answers of a language model, as one-hot rows."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fute_core.datasets.names import listed, parts
from fute_core.datasets.profiles import profile
from fute_core.datasets.tables import Table
from fute_core.datasets.values import MAX_CLASSES, is_missing
from fute_core.errors import Undecided

NAMED = ("label", "prediction", "predicted", "pred", "answer", "output", "response", "completion", "class", "generated")
LEAST_READ = 0.5
"""Fewer answers that name a label mean that the labels are others."""
MOST_WORDS = 4
"""Longer answers are sentences with a label in them."""


@dataclass(frozen=True)
class SaidLabels:
    """Labels that were said.

    Parameters
    ----------
    labels : tuple of str, length k
        Sorted, or as the user gave them.
    rows : list of int, length n
        Rows of the table whose answer is one of them.
    said : list of str, length n
        The label of each.
    notes : tuple of str
        How the answers were read.
    dropped : dict of str to int
        Rows left out, by reason.
    """

    labels: tuple[str, ...]
    rows: list[int]
    said: list[str]
    notes: tuple[str, ...]
    dropped: Mapping[str, int]


def is_answer_name(column: str) -> bool:
    """Whether a column is named as one of labels or answers.

    Parameters
    ----------
    column : str
        The column.

    Returns
    -------
    bool
        True for "label", "predicted_label", "model_output" and their like.
    """
    return any(word in NAMED for word in parts(column))


def one_hot(said: Sequence[str], labels: Sequence[str]) -> NDArray[np.float32]:
    """Make distributions of labels.

    Parameters
    ----------
    said : sequence of str, length n
        One label a row.
    labels : sequence of str, length k
        All labels.

    Returns
    -------
    ndarray of float32, shape (n, k)
        1 at the label that was said.
    """
    position = {label: i for i, label in enumerate(labels)}
    proba = np.zeros((len(said), len(labels)), np.float32)
    proba[np.arange(len(said)), [position[label] for label in said]] = 1
    return proba


def said_labels(
    table: Table, columns: Sequence[str], column: str | None = None, labels: Sequence[str] | None = None
) -> SaidLabels:
    """Read what label each row says.

    Parameters
    ----------
    table : Table
        A file of outputs.
    columns : sequence of str
        Columns beside ids and texts.
    column : str, optional
        The one of the answers; by default what is named so, or else the only one of repeated values.
    labels : sequence of str, optional
        The labels; by default the short answers that repeat.

    Returns
    -------
    SaidLabels
        At least two labels.

    Raises
    ------
    Undecided
        Where it is not plain which column is meant, or which labels.
    """
    column = column or _column(table, columns)
    answers = {i: _plain(str(v)) for i, row in enumerate(table.rows) if not is_missing(v := row.get(column))}
    raw = {i: " ".join(str(table.rows[i][column]).split()) for i in answers}
    names = _given(labels) if labels else _shown(answers, raw)
    if len(names) < 2 or len(names) > MAX_CLASSES:
        one = f"shows one label only ({next(iter(names.values()))!r})" if names else "has no short answer that repeats"
        what = f"shows {len(names)} labels" if len(names) > 1 else one
        raise Undecided(
            "labels",
            f"{table.file}, column {column!r} {what}; choose with --labels, such as --labels no,yes, or give one "
            "column a label with its probability.",
        )
    read = {i: label for i, answer in answers.items() if (label := _label_in(answer, names)) is not None}
    if len(read) < LEAST_READ * len(answers):
        raise Undecided(
            "labels",
            f"{table.file}, column {column!r} names one of {listed(sorted(names.values()))} in {len(read):,} of "
            f"{len(answers):,} rows only; choose with --labels.",
        )
    if labels is None and len(set(read.values())) < 2:
        raise Undecided(
            "labels",
            f"{table.file}, column {column!r} says {next(iter(read.values()))!r} everywhere; choose with --labels.",
        )
    sentences = sum(answers[i] not in names for i in read)
    how = "hard labels" if not sentences else f"labels in words, {sentences:,} of them found inside longer answers"
    notes = [f"{table.file}: {column!r} is read as {how}; probabilities would say more about the model."]
    dropped = {}
    silent = {"no answer": len(table.rows) - len(answers), "no label in the answer": len(answers) - len(read)}
    for reason, n in silent.items():
        if n:
            dropped[reason] = n
            notes.append(f"{table.file}: {n:,} {'row has' if n == 1 else 'rows have'} {reason}: as if not answered.")
    known = tuple(names.values()) if labels else tuple(sorted(set(names.values()), key=str.casefold))
    return SaidLabels(known, list(read), list(read.values()), tuple(notes), dropped)


def _column(table: Table, columns: Sequence[str]) -> str:
    named = [c for c in columns if is_answer_name(c)]
    repeated = [c for c in named or columns if profile(table, c).classes]
    found = repeated if len(repeated) == 1 else named if len(named) == 1 else repeated or named or list(columns)
    if len(found) == 1:
        return found[0]
    shown = " and ".join(f"{c!r} ({profile(table, c).example()})" for c in found[:4])
    raise Undecided(
        "answer",
        f"{table.file} has no column a label with its probability, and {len(found)} columns that could be the answers: "
        f"{shown}; choose with --answer-column.",
    )


def _given(labels: Sequence[str]) -> dict[str, str]:
    return {_plain(label): label for label in labels}


def _shown(answers: Mapping[int, str], raw: Mapping[int, str]) -> dict[str, str]:
    """The short answers that stand twice or more, each as it is written most often."""
    counts = Counter(answers.values())
    short = [a for a, n in counts.most_common() if n > 1 and 0 < len(a.split()) <= MOST_WORDS]
    spelt: dict[str, Counter[str]] = {}
    for i, answer in answers.items():
        spelt.setdefault(answer, Counter())[raw[i].strip(" .!\"'*:")] += 1
    # "positive" and "it is positive" are one label: the shorter
    alone = [a for a in short if not any(a != b and _has(a, b) for b in short)]
    return {a: spelt[a].most_common(1)[0][0] for a in alone}


def _label_in(answer: str, names: Mapping[str, str]) -> str | None:
    """The label that an answer is, or the only one that it names."""
    if answer in names:
        return names[answer]
    inside = [name for name in names if _has(answer, name)]
    inside = [n for n in inside if not any(n != m and _has(m, n) for m in inside)]
    return names[inside[0]] if len(inside) == 1 else None


def _has(answer: str, name: str) -> bool:
    return f" {name} " in f" {answer} "


def _plain(answer: str) -> str:
    return " ".join(re.sub(r"[^\w\s+-]", " ", answer.casefold()).split()) or answer.strip()
