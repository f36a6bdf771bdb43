"""A prompt while it is written: read like any other template, with a sentence for what is wrong, and kept as a file."""

from typing import Any

import yaml

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate, Reasoning, Text
from fute_core.templates import Loaded, Options, atlas
from fute_core.templates.answer_words import parse_answers
from fute_core.templates.reasoning import as_entry
from fute_core.templates.rendering import render, render_then

OWN_WORDS = "[the model reasons in its own words, at most {} tokens]"
"""Stands for them where a prompt is shown."""


def draft(
    name: str, source: str, answers: str, *, system: str = "", family: str = "", completion: bool = False,
    reasoning: Reasoning | None = None,
) -> Loaded:  # fmt: skip
    """Make the template that a form describes.

    Parameters
    ----------
    name : str
        What to call it.
    source : str
        Jinja with `text`, and `text_pair` for pairs.
    answers : str
        As for `parse_answers`.
    system : str, default ""
        System message for chat models.
    family : str, default ""
        The job that it does.
    completion : bool, default False
        Whether it is to be continued as it is, without a chat template.
    reasoning : Reasoning, optional
        What follows the model's own words, where it reasons first.

    Returns
    -------
    Loaded
        The template, or the sentence that says why it is none.
    """
    try:
        if not name.strip():
            raise BadInput("the prompt has no name; give it one to find it again.")
        entry = _entry(name, source, parse_answers(answers), system, family)
        if completion:
            entry["completion"] = "yes"
        if reasoning is not None:
            entry["reasoning"] = as_entry(reasoning)
    except BadInput as error:
        return Loaded(name, atlas.FORMAT, problem=str(error))
    return atlas.load({"prompts": [entry]}, "prompt", Options())[0]


def mistakes(name: str, source: str, answers: str) -> dict[str, str]:
    """Say what is wrong with each field of a form.

    Each field is judged beside good ones, so that all mistakes are told at once and each where it was made.

    Parameters
    ----------
    name : str
        The prompt's name.
    source : str
        Its template.
    answers : str
        Its answers.

    Returns
    -------
    dict of str to str
        A sentence under "name", "template" or "answers"; empty where all is well.
    """
    found = {
        "name": draft(name, "{{ text }}", "yes\nno").problem,
        "template": draft("x", source, "yes\nno").problem,
        "answers": draft("x", "{{ text }}", answers).problem,
    }
    return {field: problem for field, problem in found.items() if problem}


def ends_open(source: str) -> bool:
    """Whether a template stops where something is to follow, such as "Sentiment:" or "->".

    Parameters
    ----------
    source : str
        Jinja.

    Returns
    -------
    bool
        True for such an end.
    """
    return source.rstrip().endswith((":", "->", "=>", "=", "→"))


class _Blocks(yaml.SafeDumper):
    """Writes a text of several lines as a block, as people do; where YAML allows none, in quotes."""


def _as_block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Other ends of lines than this one are read back as this one, unless they are written as escapes.
    lines = '"' if set(text) & set("\r\x85\u2028\u2029") else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=lines)


_Blocks.add_representer(str, _as_block)


def as_yaml(templates: list[PromptTemplate]) -> bytes:
    """Write templates as a file of the product's own format.

    Parameters
    ----------
    templates : list of PromptTemplate
        What to write.

    Returns
    -------
    bytes
        YAML in UTF-8, which `load_templates` reads.
    """
    prompts = []
    for t in templates:
        choices = {label: list(words) for label, words in zip(t.labels, t.choices, strict=True)}
        known = {"family": t.family, "system": t.system, "fields": dict(t.fields), "delimiter": t.delimiter}
        entry = {"name": t.name, "template": t.source, "choices": choices}
        entry |= {key: value for key, value in known.items() if value not in (None, {}, " ")}
        entry |= {"completion": "yes"} if t.completion else {}
        prompts.append(entry | ({"reasoning": as_entry(t.reasoning)} if t.reasoning else {}))
    return yaml.dump({"prompts": prompts}, Dumper=_Blocks, allow_unicode=True, sort_keys=False).encode("utf-8")


def example(template: PromptTemplate, text: Text) -> str:
    """Show the whole prompt on one text, without a chat header.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
    text : str or (str, str)
        The text, or the pair.

    Returns
    -------
    str
        System message and prompt; with a reasoning turn the label turn as well.

    Raises
    ------
    BadInput
        Where the template fails on this text.
    """
    shown = render(template, text)
    if template.reasoning is not None:
        shown = f"{shown}\n\n{OWN_WORDS.format(template.reasoning.max_tokens)}\n\n{render_then(template)}"
    return f"{template.system}\n\n{shown}" if template.system else shown


def _entry(name: str, source: str, choices: dict[str, list[str]], system: str, family: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": name.strip(), "template": source, "choices": choices}
    if system.strip():
        entry["system"] = system
    if family.strip():
        entry["family"] = family.strip()
    return entry
