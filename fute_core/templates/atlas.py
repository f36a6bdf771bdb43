"""The product's own YAML: `prompts`, a list of name, template, choices, and optionally family, system, fields, pair."""

from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options
from fute_core.templates.fields import map_fields
from fute_core.templates.rendering import validate

FORMAT = "atlas"
KEYS = ("name", "template", "choices", "family", "system", "delimiter", "fields")


def recognises(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("prompts"), list)


def load(document: dict, stem: str, options: Options) -> list[Loaded]:
    """Every prompt of the file. A shared `family`, `choices` or `system` may stand beside `prompts`."""
    shared = {key: document[key] for key in ("family", "choices", "system") if key in document}
    loaded = []
    for number, entry in enumerate(document["prompts"], 1):
        name = str(entry.get("name", f"{stem}-{number}")) if isinstance(entry, dict) else f"{stem}-{number}"
        try:
            loaded.append(Loaded(name, FORMAT, _prompt(name, entry, shared, options)))
        except BadInput as error:
            loaded.append(Loaded(name, FORMAT, problem=str(error)))
    return loaded


def _prompt(name: str, entry: Any, shared: dict, options: Options) -> PromptTemplate:
    if not isinstance(entry, dict):
        raise BadInput("the entry is not a mapping; give it name, template and choices.")
    if unknown := [key for key in entry if key not in KEYS]:
        raise BadInput(f"the key {unknown[0]!r} is unknown; known are {', '.join(KEYS)}.")
    entry = shared | entry
    source = entry.get("template")
    if not isinstance(source, str) or not source.strip():
        raise BadInput("there is no template; write one that uses {{ text }}.")
    choices = options.choices or parse_choices(entry.get("choices"))
    given = Options(fields={**_mapping(entry.get("fields")), **options.fields})
    fields, pair = map_fields(source, given)
    template = PromptTemplate(
        name, source.rstrip("\n"), tuple(choices.values()), tuple(choices), _text(entry, "family"), fields,
        _text(entry, "system"), str(entry.get("delimiter", " ")), pair,
    )  # fmt: skip
    validate(template)
    return template


def parse_choices(value: Any) -> dict[str, tuple[str, ...]]:
    """Label to verbalizers, from a mapping (word or list of words a label) or a list of labels."""
    if isinstance(value, list) and value:
        return {str(label): (str(label),) for label in value}
    if not isinstance(value, dict) or not value:
        raise BadInput("there are no answer choices; give choices: {label: [words]}.")
    return {str(k): tuple(map(str, v)) if isinstance(v, list) else (str(v),) for k, v in value.items()}


def _mapping(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput("fields is not a mapping of variable to text or text_pair.")
    return {str(k): str(v) for k, v in value.items()}


def _text(entry: dict, key: str) -> str | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{key} is not text.")
    return value
