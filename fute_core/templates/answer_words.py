"""Answer words as a form shows them: a label a line, with its words after a colon."""

import csv

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate


def parse_answers(text: str) -> dict[str, list[str]]:
    """Read the answers of a form: a label a line, such as "positive: great, good".

    A line without a colon is its own answer word. A word in double quotes may hold a comma.

    Parameters
    ----------
    text : str
        What was typed.

    Returns
    -------
    dict of str to list of str
        Label to its answer words.

    Raises
    ------
    BadInput
        For no label, an empty one, or one that stands twice.
    """
    choices: dict[str, list[str]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        label, colon, words = (part.strip() for part in line.partition(":"))
        if not label:
            raise BadInput(f"Line {number} of the answers has no label; write label: word, word.")
        if label in choices:
            raise BadInput(f"The label {label!r} stands twice among the answers; put its words on one line.")
        choices[label] = _words(words) if colon else [label]
        if not choices[label]:
            raise BadInput(f"The label {label!r} has no answer word; write {label}: word, word.")
    if not choices:
        raise BadInput("There are no answers yet; write a label a line, such as positive: Yes, yes.")
    return choices


def _words(text: str) -> list[str]:
    (row,) = csv.reader([text], skipinitialspace=True)
    return [word.strip() for word in row if word.strip()]


def answer_lines(template: PromptTemplate) -> str:
    """Write a template's answers as lines, so that `parse_answers` reads the same.

    Parameters
    ----------
    template : PromptTemplate
        Its labels and choices.

    Returns
    -------
    str
        A line for each label.
    """
    return "\n".join(
        f"{label}: {', '.join(map(_quoted, words))}"
        for label, words in zip(template.labels, template.choices, strict=True)
    )


def _quoted(word: str) -> str:
    doubled = word.replace('"', '""')
    return f'"{doubled}"' if "," in word or word.startswith('"') else word
