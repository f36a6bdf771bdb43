"""What the answer part of a promptsource template can say: a listed choice, words of its own, a column, or nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from fute_core.templates.columns import assigned
from fute_core.templates.syntax import lex, read

SAME_WORDS = frozenset({"trim", "string"})
"""Filters after which an answer is still the same word."""


class OtherText(Exception):
    """The answer is text of another kind, so it is generated."""


@dataclass(frozen=True)
class AnswerPart:
    """What an answer is on its branches.

    Parameters
    ----------
    listed : bool
        One of the template's answer choices is picked.
    words : tuple of str
        Words that are written in the answer itself, each once.
    columns : tuple of str
        Columns whose content is the answer.
    """

    listed: bool
    words: tuple[str, ...]
    columns: tuple[str, ...]


def answers(source: str, around: str) -> AnswerPart | None:
    """Find out what an answer part says.

    A branch may say nothing: a row that comes to it is not asked.

    Parameters
    ----------
    source : str
        Jinja of the answer.
    around : str
        The whole template, for the names that it makes itself, which are no columns.

    Returns
    -------
    AnswerPart or None
        None where it is text of any other kind.

    Raises
    ------
    BadInput
        For what is no Jinja.
    """
    made = assigned(lex(around))
    try:
        leaves = list(_leaves(read(source).body))
        columns = tuple(dict.fromkeys(_column(node, made) for node in leaves if not isinstance(node, str | bool)))
    except OtherText:
        return None
    return AnswerPart(True in leaves, tuple(dict.fromkeys(leaf for leaf in leaves if isinstance(leaf, str))), columns)


def _leaves(body: Sequence[nodes.Node]) -> Iterator[str | bool | nodes.Expr]:
    """What is said at the end of every branch: a word, True for a listed choice, or the expression of a column."""
    said = [node for node in body if not _blank(node)]
    if len(said) > 1:
        raise OtherText
    for node in said:
        if isinstance(node, nodes.If):
            for branch in (node.body, *(other.body for other in node.elif_), node.else_):
                yield from _leaves(branch)
        elif isinstance(node, nodes.Output):
            yield from _leaves(node.nodes)
        elif isinstance(node, nodes.TemplateData):
            yield node.data.strip()
        elif isinstance(node, nodes.Expr):
            yield from _values(node)
        else:
            raise OtherText


def _values(node: nodes.Expr) -> Iterator[str | bool | nodes.Expr]:
    if isinstance(node, nodes.Const):
        yield str(node.value).strip()
    elif isinstance(node, nodes.CondExpr):
        yield from _values(node.expr1)
        if node.expr2 is not None:
            yield from _values(node.expr2)
    elif isinstance(node, nodes.Filter) and node.node is not None and node.name in SAME_WORDS and not node.args:
        yield from _values(node.node)
    elif isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Name) and node.node.name == "answer_choices":
        if isinstance(node.arg, nodes.Slice):
            raise OtherText
        yield True
    elif isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.List | nodes.Tuple):
        for item in node.node.items:
            yield from _values(item)
    elif isinstance(node, nodes.Getitem) and isinstance(node.node, nodes.Dict):
        for pair in node.node.items:
            yield from _values(pair.value)
    else:
        yield node


def _column(node: nodes.Expr, made: set[str]) -> str:
    """Its name. Raises OtherText for an expression that is more than a column."""
    if isinstance(node, nodes.Name) and node.name not in made:
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_column(node.node, made)}.{node.attr}"
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return f"{_column(node.node, made)}.{node.arg.value}"
    raise OtherText


def _blank(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Output):
        return all(_blank(child) for child in node.nodes)
    return isinstance(node, nodes.Assign | nodes.AssignBlock) or (
        isinstance(node, nodes.TemplateData) and not node.data.strip()
    )
