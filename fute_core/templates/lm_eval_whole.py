"""Tasks of lm-evaluation-harness with an empty `doc_to_text`, whose choices are whole texts.

Those of XNLI are `{{[premise+", right? Yes, "+hypothesis, premise+", right? Also, "+hypothesis, ...]}}`: what differs
between the choices is the answer, and the rest is a template with the answer inside.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from os.path import commonprefix
from typing import Any

from jinja2 import nodes

from fute_core.errors import BadInput
from fute_core.templates.syntax import ANSWER, read

MAX_SHOWN = 60
"""Characters of the choices in a sentence."""
Part = tuple[str, str]
"""("column", its name), ("word", letters) or ("sign", one other character)."""


def whole_texts(choices: Any) -> tuple[str, list[str]]:
    """Read choices that are whole texts.

    Parameters
    ----------
    choices : object
        `doc_to_choice` as the task has it.

    Returns
    -------
    tuple of (str, list of str)
        The template with `{{ answer_choice }}` in it, and the answers.

    Raises
    ------
    BadInput
        For choices that are not texts around an answer.
    """
    if not isinstance(choices, str):
        raise BadInput("its doc_to_text is empty, so the model is asked nothing; write the prompt into doc_to_text.")
    texts = [list(_parts(item)) for item in _items(choices)]
    before = commonprefix(texts)  # noqa: RUF071 (no paths)
    rest = [text[len(before) :] for text in texts]
    after = commonprefix([text[::-1] for text in rest])[::-1]  # noqa: RUF071
    answers = [text[: len(text) - len(after)] for text in rest]
    while not all(answers) and before and before[-1][0] != "column":  # one answer is where another begins
        answers = [[before[-1], *answer] for answer in answers]
        before = before[:-1]
    if own := dict.fromkeys(what for answer in answers for kind, what in answer if kind == "column"):
        raise BadInput(
            f"its doc_to_text is empty, and the choices are texts of the row ({', '.join(own)}) instead of an answer "
            "between texts, so there are no labels to score."
        )
    return _jinja(before) + "{{ " + ANSWER + " }}" + _jinja(after), [_jinja(answer) for answer in answers]


def _items(source: str) -> Sequence[nodes.Expr]:
    """The expressions of `{{ [ ... ] }}`."""
    said = [node for part in read(source).body if isinstance(part, nodes.Output) for node in part.nodes]
    said = [node for node in said if not (isinstance(node, nodes.TemplateData) and not node.data.strip())]
    if len(said) != 1 or not isinstance(said[0], nodes.List | nodes.Tuple):
        raise BadInput(
            "its doc_to_text is empty, and the choices stand in each row (doc_to_choice reads "
            f"{source[:MAX_SHOWN]}), so there are no labels to score."
        )
    return said[0].items


def _parts(node: nodes.Expr) -> Iterator[Part]:
    """A text put together of words and columns."""
    if isinstance(node, nodes.Add):
        yield from _parts(node.left)
        yield from _parts(node.right)
    elif isinstance(node, nodes.Concat):
        for one in node.nodes:
            yield from _parts(one)
    elif isinstance(node, nodes.Const) and isinstance(node.value, str) and "{" not in node.value:
        for in_word, of in groupby(node.value, lambda c: c.isalnum() or unicodedata.category(c).startswith("M")):
            letters = "".join(of)
            yield from [("word", letters)] if in_word else [("sign", letter) for letter in letters]
    elif isinstance(node, nodes.Name):
        yield "column", node.name
    else:
        raise BadInput(
            "its doc_to_text is empty, and the choices are more than words and columns put together, which is not "
            "supported; write the prompt into doc_to_text."
        )


def _jinja(text: Sequence[Part]) -> str:
    return "".join("{{ " + what + " }}" if kind == "column" else what for kind, what in text)
