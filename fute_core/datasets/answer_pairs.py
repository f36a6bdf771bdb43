"""Questions with the span of a passage that answers them as pairs of texts, as QNLI was made from SQuAD.

Each question stands beside the sentence of its passage in which the answer begins, and beside another one. So the
dataset asks of two texts whether the second holds an answer to the first, and lies among other datasets of pairs.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fute_core.datasets.sentences import sentence_spans
from fute_core.datasets.spans import QUESTION, SPLIT, AskedPassage, has_spans, questions
from fute_core.datasets.tables import Table
from fute_core.display import counted
from fute_core.errors import BadInput

HOLDS, LACKS = "holds the answer", "does not"
SENTENCE, LABEL = "sentence", "label"
MISPLACED = "an answer that is not where it is said to start"
WORDS = re.compile(r"\w+")
Placed = tuple[int, dict[str, Any]]


def answer_pairs(table: Table) -> Table:
    """Turn a table of questions with passages and spans into one of pairs; any other table is given back as it is.

    The sentence in which the first answer begins makes a pair "holds the answer". "Does not" is said of the sentence
    without any answer that has most words of the question, the first of equals: of questions that their passage does
    not answer, and then of the others, evenly over the file, until there are as many as of the first kind.

    Parameters
    ----------
    table : Table
        Any table; see `spans.has_spans` for those that are changed.

    Returns
    -------
    Table
        With the columns question, sentence and label, and `split` where questions have one.

    Raises
    ------
    BadInput
        For what lacks its parts, and where fewer than two answers stand where they are said to start.

    References
    ----------
    Rajpurkar et al. 2016 (SQuAD) and 2018 (SQuAD 2.0); Wang et al. 2019 (GLUE, which has QNLI).
    """
    if not has_spans(table):
        return table
    asked = list(questions(table))
    read = [one for one in asked if one.answers or not one.misplaced]
    holding = [(i, _row(one, _holding(one), HOLDS)) for i, one in enumerate(read) if one.answers]
    if len(holding) < 2:
        wrong = ", and count characters from 0" if len(read) < len(asked) else ""
        raise BadInput(
            f"{table.file} has {counted(len(holding), 'question')} whose answer stands in the passage where "
            f"answer_start says, of {len(asked):,}; give two or more{wrong}."
        )
    lacking = [(i, _row(one, found, LACKS)) for i, one in enumerate(read) if (found := _lacking(one)) is not None]
    if not lacking:
        raise BadInput(
            f"{table.file} has no passage with a sentence that holds no answer, so there is nothing to tell answers "
            "from; give passages of several sentences."
        )
    unanswered = [placed for placed in lacking if not read[placed[0]].answers]
    chosen = _evenly(unanswered, len(holding))
    chosen += _evenly([p for p in lacking if read[p[0]].answers], len(holding) - len(chosen))
    rows = [row for _, row in sorted(holding + chosen, key=lambda placed: placed[0])]
    columns = (QUESTION, SENTENCE, LABEL, *((SPLIT,) if any(SPLIT in row for row in rows) else ()))
    dropped = {MISPLACED: len(asked) - len(read)} if len(asked) > len(read) else {}
    notes = _notes(read, len(unanswered), (len(holding), len(chosen)), dropped)
    return replace(table, columns=columns, rows=rows, lines=(), notes=(*table.notes, *notes), dropped=dropped)


@lru_cache(maxsize=64)
def _sentences(passage: str) -> tuple[tuple[int, int], ...]:
    return tuple(sentence_spans(passage))


def _holder(passage: str, place: int) -> int:
    """Which sentence a place in a passage lies in."""
    return max(bisect_right(_sentences(passage), (place, len(passage))) - 1, 0)


def _holding(one: AskedPassage) -> str:
    text, start = one.answers[0]
    blanks = len(text) - len(text.lstrip())
    first, last = _sentences(one.passage)[_holder(one.passage, start + blanks)]
    return one.passage[first:last]


def _lacking(one: AskedPassage) -> str | None:
    """The sentence without an answer that has most words of the question; None where each has one."""
    holders: set[int] = set()
    for text, start in one.answers:
        blanks = len(text) - len(text.lstrip())
        holders |= set(range(_holder(one.passage, start + blanks), _holder(one.passage, start + len(text) - 1) + 1))
    said = [text.strip().casefold() for text in (*(text for text, _ in one.answers), *one.misplaced) if text.strip()]
    asked = set(WORDS.findall(one.question.casefold()))
    best, most = None, -1
    for i, (first, last) in enumerate(_sentences(one.passage)):
        sentence = one.passage[first:last]
        plain = sentence.casefold()
        if i in holders or any(text in plain for text in said):
            continue
        if (shared := len(asked & set(WORDS.findall(plain)))) > most:
            best, most = sentence, shared
    return best


def _row(one: AskedPassage, sentence: str, label: str) -> dict[str, Any]:
    row = {QUESTION: one.question, SENTENCE: sentence, LABEL: label}
    return row if one.split is None else {**row, SPLIT: one.split}


def _evenly(placed: Sequence[Placed], n: int) -> list[Placed]:
    """So many of them, evenly over their order; all where there are no more."""
    n = min(n, len(placed))
    return [placed[i * len(placed) // n] for i in range(n)]


def _notes(
    read: Sequence[AskedPassage], unanswered: int, made: tuple[int, int], dropped: Mapping[str, int]
) -> list[str]:
    without = f", {unanswered:,} of them without an answer," if unanswered else ""
    about = counted(len({one.passage for one in read}), "passage")
    notes = [
        f"{len(read):,} questions about {about}{without} are read as {sum(made):,} pairs of a question and a "
        f"sentence of its passage: {made[0]:,} that hold the answer, and {made[1]:,} that do not."
    ]
    if n := sum(dropped.values()):
        gone = f"{counted(n, 'question')} {'is' if n == 1 else 'are'} left out"
        notes.append(f"{gone}, since no answer stands where answer_start says.")
    return notes
