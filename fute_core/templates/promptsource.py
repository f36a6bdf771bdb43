"""promptsource's `templates.yaml`, as it is: the part before `|||` is the prompt, the part after it the answer."""

import re
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options
from fute_core.templates.fields import map_fields
from fute_core.templates.rendering import validate

FORMAT = "promptsource"
# {{answer_choices[label]}} and its usual forms: answer_choices[label | int], answer_choices[gold_label], ...
LOOKUP = re.compile(r"\{\{-?\s*\(?\s*answer_choices\s*\[[^\]]+\]\s*\)?\s*(\|\s*\w+\s*)?-?\}\}")


def recognises(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("templates"), dict)


def load(document: dict, stem: str, options: Options) -> list[Loaded]:
    """Every template of the file, in its order."""
    loaded = []
    for identifier, entry in document["templates"].items():
        name = str(entry.get("name") or identifier) if isinstance(entry, dict) else str(identifier)
        try:
            loaded.append(Loaded(name, FORMAT, _prompt(name, entry, options)))
        except BadInput as error:
            loaded.append(Loaded(name, FORMAT, problem=str(error)))
    return loaded


def _prompt(name: str, entry: Any, options: Options) -> PromptTemplate:
    if not isinstance(entry, dict) or not isinstance(entry.get("jinja"), str):
        raise BadInput("there is no jinja text; it needs one, with ||| between prompt and answer.")
    source, bar, target = entry["jinja"].partition("|||")
    if not bar:
        raise BadInput("there is no ||| between prompt and answer, so it has no answer to score.")
    choices = dict(options.choices) or _choices(entry.get("answer_choices"))
    if not options.choices and not (LOOKUP.search(target) or target.strip() in choices):
        raise BadInput(
            "the answer is generated text, not one of the answer choices, which is not supported; "
            "name the answers with --choices."
        )
    fields, pair = map_fields(source, options)
    template = PromptTemplate(
        name, source.rstrip(), tuple(choices.values()), tuple(choices), fields=fields, delimiter=" ", pair=pair
    )
    validate(template)
    return template


def _choices(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, str) or not value.strip():
        raise BadInput("there are no answer_choices, so it has no labels to score; name them with --choices.")
    if "{{" in value or "{%" in value:
        raise BadInput("the answer_choices differ from row to row (they are Jinja), which is not supported.")
    words = [word.strip() for word in value.split("|||")]
    return {word: (word,) for word in words}
