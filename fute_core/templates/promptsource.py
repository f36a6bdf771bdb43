"""promptsource's `templates.yaml`: the part before `|||` is the prompt, the part after it the answer.

Read as version 0.2.3 reads it, but for one thing: its `apply` cuts what every `{{ }}` writes at 2,048 characters, and
here texts stay whole.
"""

from typing import Any

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options
from fute_core.templates.answer_part import AnswerPart, answers
from fute_core.templates.columns import flatten
from fute_core.templates.fields import map_fields
from fute_core.templates.guarded import BAR, cut
from fute_core.templates.rendering import labelled, validate
from fute_core.templates.syntax import compiled, variables

FORMAT = "promptsource"
Choices = dict[str, tuple[str, ...]]


def recognises(document: Any) -> bool:
    """Whether a document is promptsource's `templates.yaml`.

    Parameters
    ----------
    document : object
        A YAML document.

    Returns
    -------
    bool
        True where it has a mapping `templates`.
    """
    return isinstance(document, dict) and isinstance(document.get("templates"), dict)


def load(document: dict[str, Any], stem: str, options: Options) -> list[Loaded]:
    """Load every template of a file of promptsource.

    Parameters
    ----------
    document : dict
        The YAML document.
    stem : str
        Name of the file.
    options : Options
        What the user says about it.

    Returns
    -------
    list of Loaded
        In the file's order.
    """
    loaded = []
    for identifier, entry in document["templates"].items():
        name = str((entry.get("name") if isinstance(entry, dict) else None) or identifier)
        try:
            template, notes = _prompt(name, entry, options)
            loaded.append(Loaded(name, FORMAT, template, notes=notes))
        except BadInput as error:
            loaded.append(Loaded(name, FORMAT, problem=str(error)))
    return loaded


def _prompt(name: str, entry: Any, options: Options) -> tuple[PromptTemplate, tuple[str, ...]]:
    if not isinstance(entry, dict) or not isinstance(entry.get("jinja"), str):
        raise BadInput(f"there is no jinja text; it needs one, with {BAR} between prompt and answer.")
    parts = cut(entry["jinja"])
    notes = tuple(f"promptsource leaves out rows unless {said}; here every text is asked" for said in parts.conditions)
    choices: Choices = dict(options.choices)
    if not choices:
        choices, remark = _choices(entry.get("answer_choices"), answers(parts.answer, entry["jinja"]))
        notes += remark
    source, fields, pair = map_fields(flatten(parts.prompt)[0], options, tuple(choices))
    template = PromptTemplate(name, source, tuple(choices.values()), tuple(choices), fields=fields, pair=pair)
    validate(template)
    return template, notes


def _choices(listed: Any, said: AnswerPart | None) -> tuple[Choices, tuple[str, ...]]:
    """(the answers among which the model chooses, what is taken for granted about them)."""
    if listed is None or listed == "":
        if said is None or said.listed or said.columns or len(said.words) < 2:
            raise BadInput("there are no answer_choices, so it has no labels to score; name them with --choices.")
        return labelled(said.words), ("there are no answer_choices; its answers are the words of its answer part",)
    choices = _listed(listed)
    if said is None or not (said.listed or said.words or said.columns) or not set(said.words) <= set(choices):
        raise BadInput(
            "the answer is generated text, not one of the answer choices, which is not supported; "
            "name the answers with --choices."
        )
    of = ", ".join(said.columns)
    return choices, (f"its answer is the column {of}; taken to be always one of the answer choices",) if of else ()


def _listed(value: Any) -> Choices:
    """Answer choices as text with ||| between them, or as the list that older files have."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        value = f" {BAR} ".join(value)
    if not isinstance(value, str) or not value.strip():
        raise BadInput("there are no answer_choices, so it has no labels to score; name them with --choices.")
    if "{{" in value or "{%" in value:
        if columns := _reads(value):
            raise BadInput(
                f"the answers stand in each row (answer_choices read {columns}), so there are no labels to score; "
                "if all rows have the same, name them with --choices."
            )
        value = compiled(value).render()
    return labelled(word.strip() for word in value.split(BAR))


def _reads(value: str) -> str:
    """The columns that answer choices are made from, as a list to read; "" for none."""
    try:
        return ", ".join(variables(flatten(value)[0]))
    except BadInput:  # a loop, say, which is none of fixed words
        return "columns of it"
