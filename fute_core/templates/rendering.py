"""Jinja templates of strangers, rendered so that they can neither hang, grow without bound, nor reach Python."""

import difflib
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, meta, nodes
from jinja2.exceptions import SecurityError, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate, Text

MAX_CHARACTERS = 100_000
FILTERS = ("abs", "capitalize", "default", "first", "float", "int", "join", "last", "length", "list", "lower", "replace",
           "round", "string", "title", "trim", "truncate", "upper")  # fmt: skip
METHODS = ("capitalize", "endswith", "find", "lower", "lstrip", "replace", "rstrip", "split", "startswith", "strip",
           "title", "upper")  # fmt: skip
REFUSED = {
    nodes.For: "a loop",
    nodes.Macro: "a macro",
    nodes.CallBlock: "a call block",
    nodes.FilterBlock: "a filter block",
    nodes.Include: "an include",
    nodes.Import: "an import",
    nodes.FromImport: "an import",
    nodes.Extends: "an extends",
    nodes.Block: "a block",
    nodes.Mul: "a multiplication",
    nodes.Pow: "a power",
    nodes.Mod: "a % format",
    nodes.ScopedEvalContextModifier: "an autoescape switch",
}
RESERVED = frozenset({"label", "answer_choices", "choices"})


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    environment.globals.clear()
    environment.filters = {name: f for name, f in environment.filters.items() if name in FILTERS}
    return environment


@lru_cache(maxsize=512)
def _compiled(source: str):
    parse(source)
    return _environment().from_string(source)


def parse(source: str) -> nodes.Template:
    """Syntax tree of a template that is safe to render. Raises BadInput for syntax, loops and what reaches outside."""
    try:
        tree = _environment().parse(source)
    except TemplateSyntaxError as error:
        raise BadInput(f"the template has a Jinja error in line {error.lineno}: {error.message}") from None
    except RecursionError:
        raise BadInput("the template is too deeply nested; make it simpler.") from None
    for node in tree.find_all(nodes.Node):
        if (what := REFUSED.get(type(node))) is not None:
            raise BadInput(f"the template has {what} in line {node.lineno}, which is not allowed; write it out.")
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise BadInput(f"the template uses the filter {node.name!r}; allowed are {', '.join(FILTERS)}.")
        called = isinstance(node, nodes.Call)
        if called and not (isinstance(node.node, nodes.Getattr) and node.node.attr in METHODS):
            raise BadInput(f"the template calls a function in line {node.lineno}; allowed are text's {', '.join(METHODS)}.")
        if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
            raise BadInput(f"the template reaches for the attribute {node.attr!r}, which is not allowed; drop it.")
        if isinstance(node, nodes.Getitem) and _private(node.arg):
            raise BadInput(f"the template reaches for the item {node.arg.value!r}, which is not allowed; drop it.")
    return tree


def _private(argument: nodes.Node) -> bool:
    return isinstance(argument, nodes.Const) and isinstance(argument.value, str) and argument.value.startswith("_")


def variables(source: str) -> tuple[str, ...]:
    """Data variables in order of first use, without `label` and `answer_choices`. Raises BadInput as `parse` does."""
    tree = parse(source)
    free = meta.find_undeclared_variables(tree) - RESERVED
    order = {node.name: i for i, node in reversed(list(enumerate(tree.find_all(nodes.Name))))}
    return tuple(sorted(free, key=lambda name: source.find(name) if source.find(name) >= 0 else order.get(name, 0)))


def render(template: PromptTemplate, text: Text) -> str:
    """The prompt for one text or pair. Raises BadInput where the template fails on it."""
    values: dict[str, Any] = {"text": text} if isinstance(text, str) else {"text": text[0], "text_pair": text[1]}
    values |= {name: values[where] for name, where in template.fields.items() if where in values}
    values["answer_choices"] = [verbalizers[0] for verbalizers in template.choices]
    try:
        rendered = _compiled(template.source).render(values)
    except UndefinedError as error:
        raise BadInput(f"Template {template.name!r}: {error.message}; map it with --field NAME=text.") from None
    except SecurityError as error:
        raise BadInput(f"Template {template.name!r} reaches outside its sandbox ({error}).") from None
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise BadInput(f"Template {template.name!r} cannot be rendered ({type(error).__name__}: {error}).") from None
    if len(rendered) > MAX_CHARACTERS:
        raise BadInput(f"Template {template.name!r} renders to more than {MAX_CHARACTERS:,} characters; shorten it.")
    return rendered


def validate(template: PromptTemplate) -> None:
    """Raises BadInput, in one sentence, for a template or answer choices that cannot be used."""
    named = set(template.fields) | ({"text", "text_pair"} if template.pair else {"text"})
    used = variables(template.source)
    if unknown := [name for name in used if name not in named]:
        near = difflib.get_close_matches(unknown[0], named, 1)
        guess = f"; did you mean {near[0]!r}?" if near else f"; map it with --field {unknown[0]}=text."
        raise BadInput(f"the template uses {unknown[0]!r}, which is neither text nor text_pair{guess}")
    places = {template.fields.get(name, name) for name in used}
    if "text" not in places:
        raise BadInput("the template never uses the text; put {{ text }} where it belongs.")
    if template.pair and "text_pair" not in places:
        raise BadInput("the template is for pairs and never uses {{ text_pair }}; put it where it belongs.")
    check_choices(template.labels, template.choices)


def check_choices(labels: tuple[str, ...], choices: tuple[tuple[str, ...], ...]) -> None:
    """Raises BadInput for fewer than two labels, an empty choice, or one choice for two labels."""
    if len(labels) < 2:
        raise BadInput("the template has fewer than two answer choices; give at least two labels.")
    if len(set(labels)) < len(labels):
        raise BadInput(f"the label {next(x for x in labels if labels.count(x) > 1)!r} stands twice; name each once.")
    owner: dict[str, str] = {}
    for label, verbalizers in zip(labels, choices, strict=True):
        if not verbalizers or not all(v.strip() for v in verbalizers):
            raise BadInput(f"label {label!r} has an empty answer choice; give it a word.")
        for verbalizer in verbalizers:
            key = verbalizer.strip()
            if key in owner:
                raise BadInput(f"the answer choice {key!r} stands twice ({owner[key]} and {label}); make them differ.")
            owner[key] = label
