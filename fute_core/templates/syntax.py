"""Which Jinja a template may use, checked on its syntax tree before anything is rendered."""

from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fute_core.errors import BadInput
from fute_core.templates.growth import check_growth

MAX_SOURCE = 100_000
MAX_DEPTH = 40
FILTERS = (
    "abs", "capitalize", "default", "first", "float", "int", "join", "last", "length", "list", "lower", "replace",
    "string", "title", "trim", "truncate", "upper",
)  # fmt: skip
METHODS = (
    "capitalize", "endswith", "find", "join", "lower", "lstrip", "replace", "rstrip", "split", "startswith", "strip",
    "title", "upper",
)  # fmt: skip
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
    nodes.NSRef: "a namespace",
    nodes.ScopedEvalContextModifier: "an autoescape switch",
}
OF_JINJA = frozenset({"self", "super", "caller", "loop", "varargs", "kwargs"})
ANSWER = "answer_choice"
"""Where a template has this, the answers stand inside the text, see `templates/cloze.py`."""
GIVEN = frozenset({"answer_choices", ANSWER})
"""What a template sees beside its texts."""


@lru_cache(maxsize=1)
def _environment() -> ImmutableSandboxedEnvironment:
    # Not optimised: that would work constants out while it compiles, and fail where rendering might never come.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, optimized=False
    )
    environment.globals.clear()
    environment.filters = {name: f for name, f in environment.filters.items() if name in FILTERS}
    return environment


@lru_cache(maxsize=512)
def compiled(source: str) -> Template:
    """Compile a template, ready to render.

    Parameters
    ----------
    source : str
        Jinja.

    Returns
    -------
    jinja2.Template
        In the sandbox; kept for the next call.

    Raises
    ------
    BadInput
        As `parse` does.
    """
    parse(source)
    return _environment().from_string(source)


@lru_cache(maxsize=512)
def parse(source: str) -> nodes.Template:
    """Parse a template that is safe to render.

    Parameters
    ----------
    source : str
        Jinja.

    Returns
    -------
    jinja2.nodes.Template
        Its syntax tree.

    Raises
    ------
    BadInput
        For a syntax error, for what could run long or grow large, and for what reaches outside.
    """
    tree = read(source)
    try:
        for node in tree.find_all(nodes.Node):
            _check(node)
        check_growth(tree)
        _environment().compile(tree)
    except TemplateSyntaxError as error:  # a test or filter that there is not
        raise BadInput(f"the template has a Jinja error in line {error.lineno}: {error.message}") from None
    except (RecursionError, MemoryError, SyntaxError):  # the last from Python, for what Jinja made of it
        raise BadInput("the template is too deeply nested; make it simpler.") from None
    return tree


def read(source: str) -> nodes.Template:
    """Parse any Jinja, to look at and not to render.

    Parameters
    ----------
    source : str
        Jinja.

    Returns
    -------
    jinja2.nodes.Template
        Its syntax tree.

    Raises
    ------
    BadInput
        For what is no Jinja, too long or too deep.
    """
    if len(source) > MAX_SOURCE:
        raise BadInput(f"the template has more than {MAX_SOURCE:,} characters; shorten it.")
    try:
        tree = _environment().parse(source)
    except TemplateSyntaxError as error:
        raise BadInput(f"the template has a Jinja error in line {error.lineno}: {error.message}") from None
    except (RecursionError, MemoryError):
        raise BadInput("the template is too deeply nested; make it simpler.") from None
    level: list[nodes.Node] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return tree
    raise BadInput(f"the template is too deeply nested in line {level[0].lineno}; make it simpler.")


def lex(source: str) -> list[tuple[str, str]]:
    """Cut any Jinja into its tokens, to look at and to put together again.

    Parameters
    ----------
    source : str
        Jinja.

    Returns
    -------
    list of (str, str)
        Kind and text of each, as Jinja's lexer calls them; the texts together mean the same as the source.

    Raises
    ------
    BadInput
        For what is no Jinja.
    """
    try:
        return [(kind, text) for _, kind, text in _environment().lex(source)]
    except TemplateSyntaxError as error:
        raise BadInput(f"the template has a Jinja error in line {error.lineno}: {error.message}") from None


def variables(source: str) -> tuple[str, ...]:
    """List the data variables of a template.

    Parameters
    ----------
    source : str
        Jinja.

    Returns
    -------
    tuple of str
        In order of first use, without `answer_choices` and `answer_choice`.

    Raises
    ------
    BadInput
        As `parse` does.
    """
    tree = parse(source)
    finder = meta.TrackingCodeGenerator(_environment())
    finder.optimizer = None  # as in `_environment`
    finder.visit(tree)
    free = finder.undeclared_identifiers - GIVEN
    return tuple(dict.fromkeys(node.name for node in tree.find_all(nodes.Name) if node.name in free))


def _check(node: nodes.Node) -> None:
    """Raises BadInput for one node that is not allowed, whatever stands around it."""
    if (what := REFUSED.get(type(node))) is not None:
        raise BadInput(f"the template has {what} in line {node.lineno}, which is not allowed; write it out.")
    if isinstance(node, nodes.Name) and node.name in OF_JINJA:
        raise BadInput(f"{node.name!r} is a word of Jinja's own; give the variable another name.")
    if isinstance(node, nodes.Filter | nodes.Call) and (node.dyn_args is not None or node.dyn_kwargs is not None):
        raise BadInput(f"the template has a * argument in line {node.lineno}, which is not allowed; write it out.")
    if isinstance(node, nodes.Filter):
        if node.name not in FILTERS:
            raise BadInput(f"the template uses the filter {node.name!r}; allowed are {', '.join(FILTERS)}.")
        if node.name == "join" and (node.kwargs or len(node.args) > 1):
            raise BadInput(f"the template joins by attribute in line {node.lineno}; give only the text between.")
    elif isinstance(node, nodes.Call):
        if not isinstance(node.node, nodes.Getattr) or node.node.attr not in METHODS:
            raise BadInput(
                f"the template calls a function in line {node.lineno}; allowed are text's {', '.join(METHODS)}."
            )
    elif isinstance(node, nodes.Getitem) and not (_is_position(node.arg) and _has_positions(node.node)):
        raise BadInput(
            f"the template picks by something else than a written-out position in line {node.lineno}, which is not "
            "allowed; variables are plain texts."
        )
    for child in node.iter_child_nodes():
        if isinstance(child, nodes.Getattr) and not (isinstance(node, nodes.Call) and child is node.node):
            raise BadInput(
                f"the template reaches for the attribute {child.attr!r} in line {child.lineno}, which is not allowed; "
                "variables are plain texts."
            )


def _has_positions(picked_from: nodes.Node) -> bool:
    number = isinstance(picked_from, nodes.Const) and not isinstance(picked_from.value, str)
    return not number and not isinstance(picked_from, nodes.UnaryExpr)


def _is_position(argument: nodes.Node) -> bool:
    if isinstance(argument, nodes.Slice):
        return all(part is None or _is_position(part) for part in (argument.start, argument.stop, argument.step))
    if isinstance(argument, nodes.Neg):
        argument = argument.node
    return isinstance(argument, nodes.Const) and type(argument.value) is int
