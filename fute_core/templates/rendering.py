"""Jinja templates of strangers, rendered so that they can neither hang, grow without bound, nor reach Python."""

import difflib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError, TemplateError

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.cloze import BLANK, check_answer_place
from fute_core.templates.reasoning import check_reasoning
from fute_core.templates.syntax import ANSWER, compiled, variables

MAX_CHARACTERS = 100_000
FAILURES = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError, AssertionError)
"""What rendering may raise; the last is Jinja's truncate, for a length below that of its dots."""


def render(template: PromptTemplate, text: Text, answer: str = BLANK) -> str:
    """Write the prompt for one text or pair.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
    text : str or (str, str)
        The text, or the pair.
    answer : str, default "___"
        What stands in the place of the answer, in a template whose answers stand inside the text.

    Returns
    -------
    str
        At most 100,000 characters.

    Raises
    ------
    BadInput
        Where the template fails on this text.
    """
    values: dict[str, Any] = {"text": text} if isinstance(text, str) else {"text": text[0], "text_pair": text[1]}
    values[ANSWER] = answer
    values |= {name: values[where] for name, where in template.fields.items() if where in values}
    values["answer_choices"] = [verbalizers[0] for verbalizers in template.choices]
    try:
        rendered = compiled(template.source).render(values)
    except UndefinedError as error:
        raise BadInput(f"Template {template.name!r}: {error.message}; map it with --field NAME=text.") from None
    except SecurityError as error:
        raise BadInput(f"Template {template.name!r} reaches outside its sandbox ({error}).") from None
    except FAILURES as error:
        raise BadInput(f"Template {template.name!r} cannot be rendered ({type(error).__name__}: {error}).") from None
    if len(rendered) > MAX_CHARACTERS:
        raise BadInput(f"Template {template.name!r} renders to more than {MAX_CHARACTERS:,} characters; shorten it.")
    return rendered


def render_then(template: PromptTemplate) -> str:
    """Write what follows the model's own words in a prompt that lets it reason first.

    Parameters
    ----------
    template : PromptTemplate
        One with `reasoning`.

    Returns
    -------
    str
        The same for all texts, without closing blanks.

    Raises
    ------
    BadInput
        Where it cannot be rendered, or nothing is left of it.
    """
    assert template.reasoning is not None, "asked for prompts with a reasoning turn only"
    said = render(replace(template, source=template.reasoning.then), ("", "")).rstrip()
    if not said:
        raise BadInput("reasoning.then is empty; write what follows the model's words, such as 'So the answer is'.")
    return said


def validate(template: PromptTemplate) -> None:
    """Check that a template with its answer choices can be used.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.

    Raises
    ------
    BadInput
        In one sentence, where it cannot.
    """
    named = set(template.fields) | ({"text", "text_pair"} if template.pair else {"text"})
    used = variables(template.source)
    if unknown := [name for name in used if name not in named]:
        near = difflib.get_close_matches(unknown[0], named, 1)
        guess = f"; did you mean {near[0]!r}?" if near else f"; map it with --field {unknown[0]}=text."
        raise BadInput(f"the template uses {unknown[0]!r}, which is neither text nor text_pair{guess}")
    places = {template.fields.get(name, name) for name in used}
    if "text" not in places:
        raise BadInput("the template never uses the text; put {{ text }} where it belongs.")
    if template.pair and "text_pair" not in places:
        raise BadInput("the template is for pairs and never uses {{ text_pair }}; put it where it belongs.")
    check_answer_place(template)
    check_choices(template.labels, template.choices)
    if template.reasoning is not None:
        check_reasoning(template)
        render_then(template)


def labelled(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Make answer words their own labels.

    Parameters
    ----------
    words : iterable of str
        Answer words.

    Returns
    -------
    dict of str to tuple of str
        Label to its one word.

    Raises
    ------
    BadInput
        For a word that stands twice.
    """
    choices: dict[str, tuple[str, ...]] = {}
    for word in words:
        if word in choices:
            raise BadInput(f"the answer choice {word!r} stands twice; make them differ.")
        choices[word] = (word,)
    return choices


def check_choices(labels: tuple[str, ...], choices: tuple[tuple[str, ...], ...]) -> None:
    """Check that labels and answer words tell one answer from another.

    Parameters
    ----------
    labels : tuple of str, length k
        Label names.
    choices : tuple of tuple of str, length k
        The words of each.

    Raises
    ------
    BadInput
        For fewer than two labels, an empty choice, or one choice for two labels.
    """
    if len(labels) < 2:
        raise BadInput("the template has fewer than two answer choices; give at least two labels.")
    if len(set(labels)) < len(labels):
        raise BadInput(f"the label {next(x for x in labels if labels.count(x) > 1)!r} stands twice; name each once.")
    owner: dict[str, str] = {}
    for label, verbalizers in zip(labels, choices, strict=True):
        if not verbalizers or not all(v.strip() for v in verbalizers):
            raise BadInput(f"label {label!r} has an empty answer choice; give it a word.")
        for verbalizer in verbalizers:
            key = verbalizer.strip()
            if key in owner:
                both = f"for {owner[key]!r} and {label!r}" if owner[key] != label else f"for {label!r}"
                raise BadInput(f"the answer choice {key!r} stands twice, {both}; make them differ.")
            owner[key] = label
