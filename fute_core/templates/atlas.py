"""The product's own YAML: `prompts`, a list of name, template, choices and, if need be, the other KEYS."""

import difflib
from collections.abc import Iterable
from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options
from fute_core.templates.fields import map_fields
from fute_core.templates.reasoning import read_reasoning
from fute_core.templates.rendering import labelled, validate

FORMAT = "atlas"
SHARED = ("family", "choices", "system", "completion", "reasoning")
KEYS = ("name", "template", "delimiter", "fields", *SHARED)
YES = {"yes": True, "true": True, "no": False, "false": False}


def recognises(document: Any) -> bool:
    """Whether a document is in the product's own format.

    Parameters
    ----------
    document : object
        A YAML document.

    Returns
    -------
    bool
        True where it has a list `prompts`.
    """
    return isinstance(document, dict) and isinstance(document.get("prompts"), list)


def load(document: dict[str, Any], stem: str, options: Options) -> list[Loaded]:
    """Load every prompt of a file in the product's own format.

    `family`, `choices`, `system`, `completion` and `reasoning` may stand beside `prompts`, for all.

    Parameters
    ----------
    document : dict
        The YAML document.
    stem : str
        Name of the file, for prompts without a name.
    options : Options
        What the user says about the file.

    Returns
    -------
    list of Loaded
        In the file's order.

    Raises
    ------
    BadInput
        For any other key beside `prompts`.
    """
    _check_keys(document, ("prompts", *SHARED), f"{stem}: ")
    shared = {key: document[key] for key in SHARED if key in document}
    loaded = []
    for number, entry in enumerate(document["prompts"], 1):
        name = (entry.get("name") if isinstance(entry, dict) else None) or f"{stem}-{number}"
        try:
            if not isinstance(name, str):
                name = f"{stem}-{number}"
                raise BadInput("name is not text.")
            loaded.append(Loaded(name, FORMAT, _prompt(name, entry, shared, options)))
        except BadInput as error:
            loaded.append(Loaded(name, FORMAT, problem=str(error)))
    return loaded


def _prompt(name: str, entry: Any, shared: dict[str, Any], options: Options) -> PromptTemplate:
    if not isinstance(entry, dict):
        raise BadInput("the entry is not a mapping; give it name, template and choices.")
    _check_keys(entry, KEYS)
    entry = shared | entry
    source = _text(entry, "template") or ""
    if not source.strip():
        raise BadInput("there is no template; write one that uses {{ text }}.")
    choices = options.choices or parse_choices(entry.get("choices"))
    given = Options(fields={**_mapping(entry.get("fields")), **options.fields})
    source, fields, pair = map_fields(source, given, tuple(choices))
    delimiter = _text(entry, "delimiter")
    completion = YES.get((_text(entry, "completion") or "no").lower())
    if completion is None:
        raise BadInput("completion is neither yes nor no.")
    template = PromptTemplate(
        name, source.rstrip("\n"), tuple(choices.values()), tuple(choices), _text(entry, "family"), fields,
        _text(entry, "system"), " " if delimiter is None else delimiter, pair, completion,
        read_reasoning(entry.get("reasoning")),
    )  # fmt: skip
    validate(template)
    return template


def parse_choices(value: Any) -> dict[str, tuple[str, ...]]:
    """Read answer choices.

    Parameters
    ----------
    value : dict or list
        A mapping from label to its word or words, or a list of labels that are their own words.

    Returns
    -------
    dict of str to tuple of str
        Label to its answer words.

    Raises
    ------
    BadInput
        For anything else.
    """
    if isinstance(value, list) and value:
        return labelled(_word(label) for label in value)
    if not isinstance(value, dict) or not value:
        raise BadInput("there are no answer choices; give choices: {label: [words]}.")
    return {_word(k): tuple(map(_word, v)) if isinstance(v, list) else (_word(v),) for k, v in value.items()}


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise BadInput("an answer choice is not text; give choices: {label: [words]}.")
    return value


def _check_keys(entry: dict[str, Any], known: Iterable[str], where: str = "") -> None:
    for key in entry:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            guess = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
            raise BadInput(f"{where}the key {key!r} is unknown; {guess}")


def _mapping(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadInput("fields is not a mapping of variable to text or text_pair.")
    return {str(k): str(v) for k, v in value.items()}


def _text(entry: dict[str, Any], key: str) -> str | None:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{key} is not text; write it as text.")
    return value
