"""How long the text that a template renders can get, from its syntax alone, so that nothing is rendered to find out.

A template of a few lines can double a text forty times over (`{% set a = a ~ a %}`), or put a long replacement in the
place of every letter, and run the machine out of memory. Each expression gets an upper bound on its characters instead,
with every variable taken to be a long text.
"""

from jinja2 import nodes

from fute_core.errors import BadInput

TEXT_CHARACTERS = 100_000
MAX_GROWTH = 1_000
AS_LIST = 10
"""What the characters of a list are multiplied by for quotes, commas and escapes, should it be written as text."""


def check_growth(tree: nodes.Template) -> None:
    """Refuse a template that could render to over a thousand times the length of a long text.

    Parameters
    ----------
    tree : jinja2.nodes.Template
        As `syntax.parse` lets it through: no loops, macros or powers, and no great depth.

    Raises
    ------
    BadInput
        For such a template; the sentence names the line.
    """
    _written(tree.body, {})


def _written(body: list[nodes.Node], known: dict[str, int]) -> int:
    """Bound on what the statements write; the bounds of names that they set go into `known`."""
    total = 0
    for node in body:
        if isinstance(node, nodes.Output):
            total += sum(_bound(child, known) for child in node.nodes)
        elif isinstance(node, nodes.If):
            for part in (node.body, *(branch.body for branch in node.elif_), node.else_):
                total += _written(part, known)
        elif isinstance(node, nodes.Assign):
            _set(node.target, _bound(node.node, known), known)
        elif isinstance(node, nodes.AssignBlock):
            value = _written(node.body, known)
            _set(node.target, _filtered(node.filter, value, known) if node.filter else value, known)
        elif isinstance(node, nodes.With):
            for target, given in zip(node.targets, node.values, strict=True):
                _set(target, _bound(given, known), known)
            total += _written(node.body, known)
        _allowed(total, node)
    return total


def _set(target: nodes.Node, value: int, known: dict[str, int]) -> None:
    # Which branch ran is not known, so a name keeps the largest value that it was given.
    for node in [target, *target.find_all(nodes.Name)]:
        if isinstance(node, nodes.Name):
            known[node.name] = max(value, known.get(node.name, 0))


def _bound(node: nodes.Node, known: dict[str, int]) -> int:
    """Upper bound on the characters of an expression's value."""
    if isinstance(node, nodes.TemplateData):
        return len(node.data)
    if isinstance(node, nodes.Const):
        return len(str(node.value))
    if isinstance(node, nodes.Name):
        return max(TEXT_CHARACTERS, known.get(node.name, 0))
    if isinstance(node, nodes.Filter):
        bound = _filtered(node, 0, known)
    elif isinstance(node, nodes.Call) and isinstance(node.node, nodes.Getattr):
        bound = _applied(node.node.attr, node, _bound(node.node.node, known), known)
    else:
        bound = AS_LIST + sum(_bound(child, known) for child in node.iter_child_nodes())
        bound *= AS_LIST if isinstance(node, nodes.List | nodes.Tuple | nodes.Dict) else 1
    return _allowed(bound, node)


def _filtered(node: nodes.Filter, block: int, known: dict[str, int]) -> int:
    """Bound after a chain of filters. block : bound of the block that `{% set a | filter %}` filters."""
    inner = node.node
    if inner is None:
        value = block
    else:
        value = _filtered(inner, block, known) if isinstance(inner, nodes.Filter) else _bound(inner, known)
    return _allowed(_applied(node.name, node, value, known), node)


def _applied(name: str, node: nodes.Filter | nodes.Call, value: int, known: dict[str, int]) -> int:
    """Bound after the filter or method `name`."""
    given = [*node.args, *(pair.value for pair in node.kwargs)]
    arguments = [_bound(argument, known) for argument in given]
    if name == "join":
        return (1 + value) * (1 + sum(arguments))
    if name == "replace":
        old = node.args[0].value if node.args and isinstance(node.args[0], nodes.Const) else ""
        new = max(arguments[1:] if old else arguments, default=0)
        # Every occurrence of `old` becomes `new`; an empty `old` stands between all letters.
        return value * max(1, -(-new // len(str(old)))) if old else (value + 1) * (1 + new)
    return (value + sum(arguments)) * (AS_LIST if name in ("list", "split", "string") else 1)


def _allowed(bound: int, node: nodes.Node) -> int:
    if bound > TEXT_CHARACTERS * MAX_GROWTH:
        raise BadInput(
            f"what the template does in line {node.lineno} can grow to over {MAX_GROWTH:,} times the text's length, "
            "which is not allowed; write it more simply."
        )
    return bound
