"""Prompts that let the model reason in its own words before they ask for the label: how the second turn is written."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate, Reasoning
from fute_core.templates.cloze import refuse_cloze
from fute_core.templates.syntax import variables

KEYS = ("then", "max_tokens")
MOST_TOKENS = 512
"""Of a model's own words: prompt, words and answer have to fit together into what a model reads."""


def read_reasoning(value: Any) -> Reasoning | None:
    """Read what a file or a notebook says of the reasoning turn.

    Parameters
    ----------
    value : object
        "yes" or "no", a truth value, or a mapping with `then`, `max_tokens`, or both; None for no.

    Returns
    -------
    Reasoning or None
        None where the model is to answer at once.

    Raises
    ------
    BadInput
        For anything else.
    """
    if isinstance(value, Mapping):
        return _read(value)
    said = {"none": False, "no": False, "false": False, "yes": True, "true": True}.get(str(value).strip().lower())
    if said is None:
        raise BadInput(f"reasoning is {str(value)[:40]!r}; write yes, no, or a mapping with then and max_tokens.")
    return Reasoning() if said else None


def _read(value: Mapping[Any, Any]) -> Reasoning:
    if unknown := [key for key in value if key not in KEYS]:
        raise BadInput(f"reasoning has the key {str(unknown[0])[:40]!r}; known are {' and '.join(KEYS)}.")
    then, most = value.get("then"), value.get("max_tokens")
    if then is not None and not isinstance(then, str):
        raise BadInput("reasoning.then is not text; write what follows the model's words, such as 'So the answer is'.")
    if most is not None and not re.fullmatch(r"[0-9]{1,9}", str(most).strip()):
        raise BadInput(f"reasoning.max_tokens is {str(most)[:40]!r}; write a whole number from 1 to {MOST_TOKENS}.")
    usual = Reasoning()
    return Reasoning(usual.then if then is None else then.rstrip("\n"), usual.max_tokens if most is None else int(most))


def as_entry(reasoning: Reasoning) -> dict[str, str | int]:
    """Write a reasoning turn as `read_reasoning` reads it.

    Parameters
    ----------
    reasoning : Reasoning
        The turn.

    Returns
    -------
    dict
        JSON values under "then" and "max_tokens".
    """
    return {"then": reasoning.then, "max_tokens": reasoning.max_tokens}


def check_reasoning(template: PromptTemplate) -> None:
    """Check that the reasoning turn of a template can be used.

    Parameters
    ----------
    template : PromptTemplate
        One with `reasoning`.

    Raises
    ------
    BadInput
        In one sentence, where it cannot.
    """
    assert template.reasoning is not None, "asked for prompts with a reasoning turn only"
    then, most = template.reasoning.then, template.reasoning.max_tokens
    if not 1 <= most <= MOST_TOKENS:
        raise BadInput(f"reasoning.max_tokens is {most}; write a whole number from 1 to {MOST_TOKENS}.")
    try:
        used = variables(then)
    except BadInput as error:
        raise BadInput(f"reasoning.then: {error}") from None
    if used:
        raise BadInput(
            f"reasoning.then uses {used[0]!r}; it follows the model's words and sees no text, so put that into the "
            "template."
        )
    instead = "an answer after reasoning stands at the end, so leave out reasoning or {{ answer_choice }}."
    for source in (template.source, then):
        refuse_cloze(replace(template, source=source), instead)


def refuse_reasoning(template: PromptTemplate, instead: str) -> None:
    """Refuse a template that lets the model reason first where only an answer at once can be read.

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
    if template.reasoning is not None:
        raise BadInput(f"Prompt {template.name!r} lets the model reason before it answers; {instead}")
