"""lm-evaluation-harness task YAML: `doc_to_text`, `doc_to_choice`, with `include` of files beside it."""

import ast
from collections.abc import Callable
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options
from fute_core.templates.fields import map_fields
from fute_core.templates.rendering import parse, validate

FORMAT = "lm-eval"


class FunctionTag(str):
    """A `!function module.name` value: Python code of the task, never run."""


def recognises(document: Any) -> bool:
    keys = {"doc_to_text", "doc_to_choice", "doc_to_target", "output_type", "include", "group"}
    return isinstance(document, dict) and bool(keys & set(document))


def load(document: dict, stem: str, options: Options, include: Callable[[str], dict]) -> list[Loaded]:
    """The file's one task. `include` reads a file that the task names."""
    name = stem
    try:
        depth = 0
        while "include" in document:
            depth += 1
            if depth > 5:
                raise BadInput("the includes go in a circle; break it.")
            base = dict(document)
            document = include(str(base.pop("include"))) | base
        name = document["task"] if isinstance(document.get("task"), str) else stem
        template, notes = _task(name, document, options)
        return [Loaded(name, FORMAT, template, notes=notes)]
    except BadInput as error:
        return [Loaded(name, FORMAT, problem=str(error))]


def _task(name: str, document: dict, options: Options) -> tuple[PromptTemplate, tuple[str, ...]]:
    if isinstance(document.get("task"), list):
        raise BadInput("it is a group of tasks, not a task; give the YAML file of one of them.")
    for key in ("doc_to_text", "doc_to_choice", "description", "process_docs"):
        if isinstance(document.get(key), FunctionTag) and not (key == "doc_to_choice" and options.choices):
            raise BadInput(f"{key} is a Python function ({document[key]}), which is not run; write it as Jinja.")
    kind = document.get("output_type", "generate_until")
    if kind != "multiple_choice" and "doc_to_choice" not in document and not options.choices:
        raise BadInput(f"output_type {kind} generates text; only multiple_choice is supported, or name --choices.")
    source = document.get("doc_to_text")
    if not isinstance(source, str) or not source:
        raise BadInput("doc_to_text is missing or no text; write it as Jinja.")
    if "{{" not in source and "{%" not in source and source.isidentifier():
        source = "{{ " + source + " }}"
    description = document.get("description") or ""
    if not isinstance(description, str):
        raise BadInput("description is no text.")
    source = description + source
    choices = dict(options.choices) or _choices(document.get("doc_to_choice"))
    notes = []
    if document.get("num_fewshot"):
        notes.append(f"its {document['num_fewshot']} worked examples are left out: prompts are used zero-shot")
    fields, pair = map_fields(source, options)
    template = PromptTemplate(
        name, source, tuple(choices.values()), tuple(choices), fields=fields,
        delimiter=str(document.get("target_delimiter", " ")), pair=pair,
    )  # fmt: skip
    validate(template)
    return template, tuple(notes)


def _choices(value: Any) -> dict[str, tuple[str, ...]]:
    if isinstance(value, dict):
        return {str(k): (str(v),) for k, v in value.items()}
    if isinstance(value, str):
        literal = value.strip().removeprefix("{{").removesuffix("}}").strip()
        try:
            value = ast.literal_eval(literal)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            parse(value)
            raise BadInput(
                "doc_to_choice differs from row to row (it names a column), which is not supported; "
                "name the answers with --choices."
            ) from None
    if not isinstance(value, (list, tuple)) or not value:
        raise BadInput("doc_to_choice is missing or no list; name the answers with --choices.")
    return {str(word).strip(): (str(word).strip(),) for word in value}
