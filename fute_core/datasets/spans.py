"""Questions whose answers are spans of a passage, out of a table in the form of SQuAD."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fute_core.datasets.json_files import PARAGRAPHS
from fute_core.datasets.tables import Table
from fute_core.errors import BadInput

PASSAGE, QUESTION, QUESTIONS, ANSWERS, SPLIT = "context", "question", "qas", "answers", "split"
LABELS = re.compile(r"labels?|class|target|category", re.IGNORECASE)
"""Columns by which a table is a dataset of its own, whatever else it has."""
Span = tuple[str, int]


@dataclass(frozen=True)
class AskedPassage:
    """One question about a passage.

    Parameters
    ----------
    passage, question : str
        Both have more than blanks.
    answers : tuple of (str, int)
        The answers that the passage has at the place that is given, and that place, in characters from 0.
    misplaced : tuple of str
        Answers that it does not have at the place that is given; with none of either, the question has no answer there.
    split : object
        Of the question, or else of its paragraph or article; None where there is none.
    """

    passage: str
    question: str
    answers: tuple[Span, ...]
    misplaced: tuple[str, ...]
    split: Any


def has_spans(table: Table) -> bool:
    """Tell whether a table is in the form of SQuAD.

    Parameters
    ----------
    table : Table
        Any table.

    Returns
    -------
    bool
        True for a row an article with objects under `paragraphs` (SQuAD 1.1 and 2.0), and for a row a question with
        `context`, `question` and `answers`, each a text with its `answer_start` (as on the Hub); where there is a label
        it never is.
    """
    if any(LABELS.fullmatch(name) for name in table.columns):
        return False
    if not {PASSAGE, QUESTION, ANSWERS} <= set(table.columns):
        return _has_articles(table)
    return any(_placed(row.get(ANSWERS)) for row in table.rows)


def questions(table: Table) -> Iterator[AskedPassage]:
    """Read the questions of a table that `has_spans`.

    Parameters
    ----------
    table : Table
        A row an article, or a row a question.

    Yields
    ------
    AskedPassage
        In the order of the file.

    Raises
    ------
    BadInput
        For an article, paragraph or question that lacks its parts; names the place.
    """
    if not _has_articles(table):
        for i, row in enumerate(table.rows):
            yield _asked(table.where(i), _text(row, PASSAGE, table.where(i)), row, row.get(SPLIT))
        return
    for i, article in enumerate(table.rows, 1):
        for j, paragraph in enumerate(_objects(article, PARAGRAPHS, f"{table.file}, article {i}"), 1):
            where = f"{table.file}, article {i}, paragraph {j}"
            passage = _text(paragraph, PASSAGE, where)
            for k, asked in enumerate(_objects(paragraph, QUESTIONS, where), 1):
                split = asked.get(SPLIT, paragraph.get(SPLIT, article.get(SPLIT)))
                yield _asked(f"{where}, question {k}", passage, asked, split)


def _has_articles(table: Table) -> bool:
    lists = [found for row in table.rows if isinstance(found := row.get(PARAGRAPHS), list)]
    return bool(lists) and all(isinstance(part, Mapping) for found in lists for part in found)


def _asked(where: str, passage: str, row: Mapping[str, Any], split: Any) -> AskedPassage:
    question = _text(row, QUESTION, where)
    answers = row.get(ANSWERS)
    given = [] if not answers or str(row.get("is_impossible")).strip().lower() in ("true", "1") else _placed(answers)
    if given is None:
        raise BadInput(f"{where} has answers that are no objects with text and answer_start; write them so.")
    right, wrong = [], []
    for text, start in given:
        at = _whole(start)
        if not isinstance(text, str) or at is None:
            raise BadInput(
                f"{where} has an answer {str(text)[:40]!r} with answer_start {str(start)[:40]!r}; write a text and a "
                "whole number of characters."
            )
        if text.strip() and at >= 0 and passage.startswith(text, at):
            right.append((text, at))
        else:
            wrong.append(text)
    return AskedPassage(passage, question, tuple(right), tuple(wrong), split)


def _placed(answers: Any) -> list[tuple[Any, Any]] | None:
    """Texts with where they start, from objects, or one object of lists or of one answer; None where it is neither."""
    if isinstance(answers, Mapping):
        texts, starts = answers.get("text"), answers.get("answer_start")
        if isinstance(texts, list | tuple) and isinstance(starts, list | tuple) and len(texts) == len(starts):
            return list(zip(texts, starts, strict=True))
        return [(texts, starts)] if isinstance(texts, str) and isinstance(starts, int | float | str) else None
    if isinstance(answers, list | tuple) and all(isinstance(a, Mapping) and "answer_start" in a for a in answers):
        return [(answer.get("text"), answer["answer_start"]) for answer in answers]
    return None


def _whole(start: Any) -> int | None:
    """A whole number, also one that was written as text or with a point."""
    try:
        at = float(start)
    except (TypeError, ValueError):
        return None
    return int(at) if at.is_integer() else None


def _text(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{where} has no text under {name!r}; fill it, or leave it out.")
    return value


def _objects(row: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        raise BadInput(f"{where} has no list of objects under {name!r}; write it as SQuAD does.")
    return value
