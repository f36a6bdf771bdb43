"""What is usable in a template file, and what each template asks, shown on one example."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.loading import load_templates
from fute_core.templates.reasoning import as_entry
from fute_core.templates.rendering import render, render_then


def check(
    path: Path | str, *, fields: Mapping[str, str] | None, choices: str | None, examples: Mapping[bool, Text]
) -> list[dict[str, Any]]:
    """Read a file of templates, and show what each asks or why it cannot be used.

    Parameters
    ----------
    path : Path or str
        The file.
    fields : mapping of str to str or None
        The template's variables to "text" or "text_pair", where that is not plain.
    choices : str or None
        Answer choices in place of the file's, see `load_templates`.
    examples : mapping of bool to str or (str, str)
        A single text under False, a pair under True.

    Returns
    -------
    list of dict
        For each template: name, usable, format, family, pair, completion, reasoning, fields, labels, choices, one
        rendered example, notes and problem.

    Raises
    ------
    BadInput
        For a file that is no template file at all.
    """
    rows = []
    for item in load_templates(path, fields=fields, choices=choices):
        template, problem, example = item.template, item.problem, None
        if template is not None:
            try:
                example = render(template, examples[template.pair])
            except BadInput as error:
                template, problem = None, str(error)
        rows.append(
            {
                "name": item.name,
                "usable": template is not None,
                "format": item.format,
                "family": template.family if template else None,
                "pair": template.pair if template else None,
                "completion": template.completion if template else None,
                "reasoning": as_entry(template.reasoning) if template and template.reasoning else None,
                "fields": _shown_fields(template) if template else None,
                "labels": list(template.labels) if template else None,
                "choices": [list(c) for c in template.choices] if template else None,
                "example": example,
                "notes": [*item.notes, *_second_turn(template)],
                "problem": problem,
            }
        )
    return rows


def _second_turn(template: PromptTemplate | None) -> list[str]:
    """What is asked after the example, where the model reasons first."""
    if template is None or template.reasoning is None:
        return []
    most = template.reasoning.max_tokens
    return [f"the model reasons first, in at most {most} tokens, and goes on from {render_then(template)!r}."]


def _shown_fields(template: PromptTemplate) -> dict[str, str]:
    own = dict(template.fields)
    for place in ("text", "text_pair") if template.pair else ("text",):
        if place not in own.values():
            own[place] = place
    return own
