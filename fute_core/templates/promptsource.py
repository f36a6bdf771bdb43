"""promptsource's `templates.yaml`, as it is: the part before `|||` is the prompt, the part after it the answer."""

from collections.abc import Collection, Sequence
from typing import Any

from jinja2 import nodes

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import Loaded, Options
from fute_core.templates.fields import map_fields
from fute_core.templates.rendering import labelled, validate
from fute_core.templates.syntax import read

FORMAT = "promptsource"
BAR = "|||"


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
            loaded.append(Loaded(name, FORMAT, _prompt(name, entry, options)))
        except BadInput as error:
            loaded.append(Loaded(name, FORMAT, problem=str(error)))
    return loaded


def _prompt(name: str, entry: Any, options: Options) -> PromptTemplate:
    if not isinstance(entry, dict) or not isinstance(entry.get("jinja"), str):
        raise BadInput(f"there is no jinja text; it needs one, with {BAR} between prompt and answer.")
    source, bar, target = (part.strip() for part in entry["jinja"].partition(BAR))
    if not bar:
        raise BadInput(f"there is no {BAR} between prompt and answer, so it has no answer to score.")
    if _block_around_bar(entry["jinja"], source):
        raise BadInput(f"a Jinja block goes around the {BAR}, so not every text has a prompt, which is not supported.")
    choices = dict(options.choices) or _choices(entry.get("answer_choices"))
    if not options.choices and not _picks(read(target).body, choices):
        raise BadInput(
            "the answer is generated text, not one of the answer choices, which is not supported; "
            "name the answers with --choices."
        )
    fields, pair = map_fields(source, options)
    template = PromptTemplate(name, source, tuple(choices.values()), tuple(choices), fields=fields, pair=pair)
    validate(template)
    return template


def _choices(value: Any) -> dict[str, tuple[str, ...]]:
    """Answer choices as text with ||| between them, or as the list that older files have."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        value = f" {BAR} ".join(value)
    if not isinstance(value, str) or not value.strip():
        raise BadInput("there are no answer_choices, so it has no labels to score; name them with --choices.")
    if "{{" in value or "{%" in value:
        raise BadInput(
            "the answer_choices differ from row to row (they are Jinja), which is not supported; "
            "name the answers with --choices."
        )
    return labelled(word.strip() for word in value.split(BAR))


def _block_around_bar(whole: str, source: str) -> bool:
    if "{%" not in source:
        return False
    try:
        read(whole)
    except BadInput:
        return False
    try:
        read(source)
    except BadInput:
        return True
    return False


def _picks(body: Sequence[nodes.Node], choices: Collection[str]) -> bool:
    """Whether an answer is always one of the choices: `answer_choices[...]` or their very words, on every branch."""
    said = [node for node in body if not _blank(node)]
    if len(said) != 1:
        return False
    (node,) = said
    if isinstance(node, nodes.If):
        return all(_picks(b, choices) for b in (node.body, *(e.body for e in node.elif_), node.else_))
    if isinstance(node, nodes.Output):
        return _picks(node.nodes, choices)
    return _is_choice(node, choices)


def _blank(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Output):
        return all(_blank(child) for child in node.nodes)
    return isinstance(node, nodes.TemplateData) and not node.data.strip()


def _is_choice(node: nodes.Node, choices: Collection[str]) -> bool:
    if isinstance(node, nodes.Getitem):
        return isinstance(node.node, nodes.Name) and node.node.name == "answer_choices"
    if isinstance(node, nodes.CondExpr):
        return all(branch is not None and _is_choice(branch, choices) for branch in (node.expr1, node.expr2))
    if isinstance(node, nodes.Const):
        return str(node.value).strip() in choices
    return isinstance(node, nodes.TemplateData) and node.data.strip() in choices
