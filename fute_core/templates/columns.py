"""Columns inside columns, such as `answers.text[0]`, as variables of their own, so that a template sees texts alone.

In the sandbox a template reaches into nothing. Foreign collections reach into a row by written-out names and positions
only to name a column of it, so each such path becomes a plain variable: `{{ pair.en }}` is read as `{{ pair_en }}`.
"""

from fute_core.templates.syntax import GIVEN, OF_JINJA, lex

Path = tuple[str | int, ...]
Chain = tuple[int, list[int], Path]
"""Where a path starts among the tokens, where it ends after each of its parts, and the path."""
WORDS = frozenset({"in", "not", "and", "or", "is", "if", "else", "elif", "for", "set", "true", "false", "none"})


def flatten(source: str) -> tuple[str, dict[str, Path]]:
    """Give every column that a template reaches for inside another a name of its own.

    What is used as a whole somewhere stays whole: with `{{ question }}` about, `{{ question[0] }}` is its first letter.

    Parameters
    ----------
    source : str
        Jinja.

    Returns
    -------
    tuple of (str, dict of str to tuple)
        The template over plain variables, and where in a row each new one stands.

    Raises
    ------
    BadInput
        For what is no Jinja.
    """
    tokens = lex(source)
    made = assigned(tokens)
    chains = [chain for chain in _chains(tokens) if chain[2][0] not in made]
    wholes = {path for _, _, path in chains}
    taken = {text for kind, text in tokens if kind == "name"}
    names: dict[Path, str] = {}
    written = [text for _, text in tokens]
    for start, ends, path in chains:
        column = next(path[:n] for n in range(1, len(path) + 1) if path[:n] in wholes)
        if len(column) > 1:
            if column not in names:
                names[column] = _name(column, taken | set(names.values()))
            written[start : ends[len(column) - 1]] = [names[column], *[""] * (ends[len(column) - 1] - start - 1)]
    return ("".join(written) if names else source), {name: path for path, name in names.items()}


def assigned(tokens: list[tuple[str, str]]) -> set[str]:
    """Find the names that a template makes itself.

    Parameters
    ----------
    tokens : list of (str, str)
        As `lex` gives them.

    Returns
    -------
    set of str
        Names of `set`, `for` and `with`; with what Jinja itself knows, none of them is a column.
    """
    made: set[str] = set(GIVEN | OF_JINJA)
    said = [(kind, text) for kind, text in tokens if kind != "whitespace"]
    for at, (kind, text) in enumerate(said):
        if kind == "name" and text in ("set", "for", "with") and said[at - 1][0] == "block_begin":
            for kind_after, word in said[at + 1 :]:
                if kind_after == "block_end" or word in ("=", "in"):
                    break
                if kind_after == "name":
                    made.add(word)
    return made


def _chains(tokens: list[tuple[str, str]]) -> list[Chain]:
    """Every name with the names and positions written out after it."""
    found: list[Chain] = []
    before = ""
    at = 0
    while at < len(tokens):
        kind, text = tokens[at]
        if kind == "name" and before not in (".", "|", "is") and text.lower() not in WORDS:
            ends = [at + 1]
            path: list[str | int] = [text]
            while (step := _step(tokens, ends[-1])) is not None:
                ends.append(step[0])
                path.append(step[1])
            called = _next(tokens, ends[-1])
            if called < len(tokens) and tokens[called][1] == "(":  # the last is a method, or the name a function
                ends.pop()
                path.pop()
            if path:
                found.append((at, ends, tuple(path)))
                at = ends[-1] - 1
                text = str(path[-1])
        if kind != "whitespace":
            before = text
        at += 1
    return found


def _step(tokens: list[tuple[str, str]], at: int) -> tuple[int, str | int] | None:
    """(where it ends, the name or position) of one more part of a path, if there is one at this token."""
    dot = _next(tokens, at)
    if dot >= len(tokens) or tokens[dot][1] not in (".", "["):
        return None
    inside = _next(tokens, dot + 1)
    if inside >= len(tokens):
        return None
    kind, text = tokens[inside]
    if kind not in (("name", "integer") if tokens[dot][1] == "." else ("integer", "string")):
        return None
    part: str | int = int(text, 0) if kind == "integer" else text if kind == "name" else text[1:-1]
    if tokens[dot][1] == ".":
        return inside + 1, part
    close = _next(tokens, inside + 1)
    return (close + 1, part) if close < len(tokens) and tokens[close][1] == "]" else None


def _next(tokens: list[tuple[str, str]], at: int) -> int:
    while at < len(tokens) and tokens[at][0] == "whitespace":
        at += 1
    return at


def _name(path: Path, taken: set[str]) -> str:
    name = "_".join("".join(c if c.isalnum() else "_" for c in str(part)) for part in path)
    while name in taken:
        name += "_"
    return name
