"""A prompt written down in a notebook, without a file."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from fute_core.arguments import of_kind, strings
from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Options
from fute_core.templates.fields import PAIRS, PLACES, map_fields
from fute_core.templates.reasoning import read_reasoning
from fute_core.templates.rendering import validate
from fute_core.templates.syntax import variables

Choices = Mapping[str, str | Sequence[str]] | Sequence[str | Sequence[str]]


def Prompt(
    template: str,
    choices: Choices,
    *,
    labels: Sequence[str] | None = None,
    fields: Mapping[str, str] | None = None,
    system: str | None = None,
    name: str | None = None,
    family: str | None = None,
    reasoning: bool | Mapping[str, Any] | None = None,
) -> PromptTemplate:
    """Write a prompt: a template with a place for the text, and the answers that stand for labels.

    Parameters
    ----------
    template : str
        Jinja source with ``{{ text }}``, and ``{{ text_pair }}`` for prompts over pairs. One variable of another name
        is the text.
    choices : sequence or dict of str
        The answers that the model chooses among: one word each, or several words for one label; a dict maps labels to
        their words.
    labels : sequence of str, optional
        Label names in the order of `choices`; by default the first word of each.
    fields : dict of str to str, optional
        Which variables of the template are "text" and "text_pair", where that is not plain.
    system : str, optional
        System message for chat models.
    name : str, optional
        What to call the prompt; by default "prompt-" with the first digits of its content.
    family : str, optional
        The job that it does, such as "sentiment".
    reasoning : bool or dict, optional
        True lets the model reason in its own words before it is asked for the label; a dict has "then", what follows
        its words, "max_tokens", how many it may write, or both, see `Reasoning`.

    Returns
    -------
    PromptTemplate
        What `embed` takes together with a language model.

    Raises
    ------
    BadInput
        For a template without a place for the text, choices that are not at least two different answers, and a
        reasoning turn that cannot be used.

    Examples
    --------
    >>> import fute_core as fute
    >>> prompt = fute.Prompt("Review: {{ text }}\\nIs it good or bad? It is", ["good", "bad"], name="plain")
    >>> prompt.labels, prompt.pair
    (('good', 'bad'), False)
    """
    if not isinstance(template, str):
        raise BadInput(
            f"template is of type {type(template).__name__}; give Jinja text, such as 'Review: {{{{ text }}}}'."
        )
    strings(system=system, name=name, family=family)
    of_kind("a dict from variables of the template to 'text' or 'text_pair'", Mapping, fields=fields)
    of_kind("True, False or a dict", (bool, Mapping), reasoning=reasoning)
    if labels is not None and (isinstance(labels, str) or not isinstance(labels, Iterable)):
        raise BadInput(f"labels is {labels!r:.60}; give a list, one name for each answer.")
    words = _words(choices)
    if isinstance(choices, Mapping):
        if labels is not None:
            raise BadInput("labels is given, but choices is a dict, whose keys are the labels; leave labels out.")
        named = tuple(map(str, choices))
    else:
        named = tuple(labels) if labels is not None else tuple(answers[0] for answers in words if answers)
    if len(named) != len(words):
        raise BadInput(f"labels has {len(named)} names and choices has {len(words)} answers; give one label for each.")
    given, pair = _mapped(template, fields or {})
    known = name or f"prompt-{digest((template, words))[:6]}"
    made = PromptTemplate(known, template, words, named, family, given, system, pair=pair)
    try:
        made = replace(made, reasoning=read_reasoning(reasoning))
        validate(made)
    except BadInput as error:
        raise BadInput(f"fute.Prompt: {error}") from None
    return made


def _words(choices: Choices) -> tuple[tuple[str, ...], ...]:
    if isinstance(choices, str):
        raise BadInput(f"choices is the single string {choices[:40]!r}; give a list of answers, such as ['yes', 'no'].")
    if isinstance(choices, Set):
        raise BadInput("choices is a set, which has no order; give a list of answers, such as ['yes', 'no'].")
    try:
        each = list(choices.values()) if isinstance(choices, Mapping) else list(choices)
        words = tuple((one,) if isinstance(one, str) else tuple(one) for one in each)
    except TypeError:
        words = ((),)
    if not all(isinstance(word, str) for answers in words for word in answers) or not all(words):
        raise BadInput("choices has something that is no text; give answers such as ['yes', 'no'] or {'pos': 'yes'}.")
    return words


def _mapped(template: str, fields: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """Which variable is "text" and which "text_pair" where their names do not say so, and whether it reads pairs."""
    used = variables(template)
    if not used:
        single = re.search(r"(?<!{){(\w*)}(?!})", template)
        seen = f"template has {single[0]} in single braces" if single else "template has no place for the text"
        raise BadInput(f"{seen}; write {{{{ {single[1] if single and single[1] else 'text'} }}}} where it belongs.")
    if wrong := next((f for f, place in fields.items() if f not in used or place not in PLACES), None):
        raise BadInput(f"fields has {wrong!r}: {fields[wrong]!r}; map variables of the template ({', '.join(used)}) to "
                       "'text' or 'text_pair'.")  # fmt: skip
    plain = len(used) == 1 or any(set(pair) == set(used) for pair in PAIRS)
    if not plain and set(used) - set(fields) - set(PLACES):
        example = ", ".join(f"{name!r}: {place!r}" for name, place in zip(used, PLACES, strict=False))
        raise BadInput(f"template reads {', '.join(used)}; say which is the text with fields={{{example}}}.")
    return map_fields(template, Options(fields=dict(fields)))[1:]
