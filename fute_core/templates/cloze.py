"""Prompts whose answers stand inside the text: whole texts are compared, of which each has another answer.

Such a template has `{{ answer_choice }}` in the place of the answer, as in `{{ text }}, right? {{ answer_choice }},
{{ text_pair }}`. What a language model is asked is how likely the text is with each of the choices, and so what follows
the answer counts as well. A model that says nothing but an answer cannot be asked so.
"""

from jinja2 import nodes

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates.syntax import ANSWER, parse

BLANK = "___"
"""Stands for the answer where a prompt is shown."""
MARK = "\ue000\ue001\ue000"
"""Stands for the answer where a text is cut at its place."""


def is_cloze(template: PromptTemplate) -> bool:
    """Whether the answers of a template stand inside its text.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.

    Returns
    -------
    bool
        True where its source has `{{ answer_choice }}`.

    Raises
    ------
    BadInput
        For what is no Jinja that is safe to render.
    """
    return any(node.name == ANSWER for node in parse(template.source).find_all(nodes.Name))


def check_answer_place(template: PromptTemplate) -> None:
    """Check that the answers of a template have one place, if they stand inside its text.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.

    Raises
    ------
    BadInput
        For a place that stands twice, or that a filter or a condition changes.
    """
    tree = parse(template.source)
    named = [node for node in tree.find_all(nodes.Name) if node.name == ANSWER]
    alone = [node for part in tree.body if isinstance(part, nodes.Output) for node in part.nodes if node in named]
    if named and (len(named) > 1 or not alone):
        raise BadInput(
            f"{{{{ {ANSWER} }}}} is the place of the answer inside a text; write it once, alone in its braces and in "
            "no condition."
        )


def refuse_cloze(template: PromptTemplate, instead: str) -> None:
    """Refuse a template whose answers stand inside its text where only an answer after a prompt can be read.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
    instead : str
        The end of the sentence: why, and what to do.

    Raises
    ------
    BadInput
        For such a template.
    """
    if is_cloze(template):
        raise BadInput(f"Prompt {template.name!r} compares whole texts, each with another answer inside; {instead}")
