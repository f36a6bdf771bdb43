"""Questions whose answers are spans of a passage, out of a table in the form of SQuAD."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from fute_core.datasets.json_files import PARAGRAPHS
from fute_core.datasets.tables import Table
from fute_core.errors import BadInput

PASSAGE, QUESTION, ANSWERS, SPLIT = "context", "question", "answers", "split"
Span = tuple[str, int]


@dataclass(frozen=True)
class Asked:
    """One question about a passage.

    Parameters
    ----------
    passage, question : str
        Both have more than blanks.
    answers : tuple of (str, int)
        The answers that the passage has at the place that is given, and that place, in characters from 0.
    misplaced : int
        How many other answers were given; with none of either, the passage does not answer the question.
    split : object
        Of the question, or else of its paragraph or article; None where there is none.
    """

    passage: str
    question: str
    answers: tuple[Span, ...]
    misplaced: int
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
        True for a row an article with `paragraphs` (SQuAD 1.1 and 2.0), and for a row a question with `context`,
        `question` and `answers`, each a text with its `answer_start` (as on the Hub).
    """
    if not {PASSAGE, QUESTION, ANSWERS} <= set(table.columns):
        return any(isinstance(row.get(PARAGRAPHS), list) for row in table.rows)
    return any(_given(row.get(ANSWERS)) for row in table.rows)


def questions(table: Table) -> Iterator[Asked]:
    """Read the questions of a table that `has_spans`.

    Parameters
    ----------
    table : Table
        A row an article, or a row a question.

    Yields
    ------
    Asked
        In the order of the file.

    Raises
    ------
    BadInput
        For an article, paragraph or question that lacks its parts; names the place.
    """
    if PARAGRAPHS not in table.columns:
        for i, row in enumerate(table.rows):
            yield _asked(table.where(i), _text(row, PASSAGE, table.where(i)), row, row.get(SPLIT))
        return
    for i, article in enumerate(table.rows, 1):
        for j, paragraph in enumerate(_objects(article, PARAGRAPHS, f"{table.file}, article {i}"), 1):
            where = f"{table.file}, article {i}, paragraph {j}"
            passage = _text(paragraph, PASSAGE, where)
            for k, asked in enumerate(_objects(paragraph, "qas", where), 1):
                split = asked.get(SPLIT, paragraph.get(SPLIT, article.get(SPLIT)))
                yield _asked(f"{where}, question {k}", passage, asked, split)


def _asked(where: str, passage: str, row: Mapping[str, Any], split: Any) -> Asked:
    question = _text(row, QUESTION, where)
    answers = row.get(ANSWERS)
    given = [] if row.get("is_impossible") is True or not answers else _given(answers)
    if given is None:
        raise BadInput(f"{where} has answers that are no objects with text and answer_start; write them so.")
    right = tuple((text, at) for text, at in given if text.strip() and at >= 0 and passage.startswith(text, at))
    return Asked(passage, question, right, len(given) - len(right), split)


def _given(answers: Any) -> list[Span] | None:
    """Texts with where they start, from objects or from one object of lists; None where it is neither."""
    if isinstance(answers, Mapping):
        try:
            pairs = list(zip(answers["text"], answers["answer_start"], strict=True))
        except (KeyError, TypeError, ValueError):
            return None
    elif isinstance(answers, (list, tuple)) and all(isinstance(answer, Mapping) for answer in answers):
        pairs = [(answer.get("text"), answer.get("answer_start")) for answer in answers]
    else:
        return None
    if not all(isinstance(text, str) and isinstance(start, Integral) for text, start in pairs):
        return None
    return [(text, int(start)) for text, start in pairs]


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
