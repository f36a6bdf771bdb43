"""How things show themselves in a terminal and in a notebook: the same facts, on light and on dark ground."""

from collections.abc import Iterable, Mapping
from html import escape

KIND_NAME = {"dataset": "dataset", "model": "classifier", "prompt": "prompt"}
"""What a kind is called where people read it; ids, options and JSON keep the kind itself."""
LONGEST = 60
"""Characters of a name or label that are shown."""
FRAME = (
    "display:inline-block;border:1px solid rgba(128,128,128,.45);border-radius:6px;padding:.5em .9em;"
    "color:inherit;background:transparent;line-height:1.5"
)
"""Colours are those of the notebook around it, so that one style fits light and dark."""


class Shown:
    """Gives a class `repr` and `_repr_html_` from its facts."""

    def _title(self) -> str:
        """What it is, with its name."""
        raise NotImplementedError

    def _facts(self) -> Mapping[str, str]:
        """What to know of it: a few words for each heading."""
        raise NotImplementedError

    def __repr__(self) -> str:
        facts = "; ".join(f"{heading}: {words}" for heading, words in self._facts().items())
        return f"<{self._title()}; {facts}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<div><span style="opacity:.7">{escape(heading)}</span> {escape(words)}</div>'
            for heading, words in self._facts().items()
        )
        return f'<div style="{FRAME}"><strong>{escape(self._title())}</strong>{rows}</div>'


def kind_name(kind: str) -> str:
    """Say a kind as people read it.

    Parameters
    ----------
    kind : str
        Of an embedding, or of what is to be embedded.

    Returns
    -------
    str
        From `KIND_NAME`; what has no name there, such as "outputs", as it is.
    """
    return KIND_NAME.get(kind, kind)


def named(name: str) -> str:
    """Put a name in quotes, cut to what is easily read.

    Parameters
    ----------
    name : str
        What a user or a file calls something.

    Returns
    -------
    str
        One line, whatever characters the name has.
    """
    return repr(name if len(name) <= LONGEST else name[: LONGEST - 1] + "…")


def listed(words: Iterable[str], most: int = 5) -> str:
    """Join words by commas, as many as are easily read.

    Parameters
    ----------
    words : iterable of str
        What to list.
    most : int, default 5
        How many are shown; of the others only the number.

    Returns
    -------
    str
        For example "negative, positive and 3 more".
    """
    known = [word[:LONGEST] if word.isprintable() else repr(word[:LONGEST]) for word in words]
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + more


def counted(n: int, one: str, several: str | None = None) -> str:
    """Write a number with its noun.

    Parameters
    ----------
    n : int
        How many.
    one : str
        The noun for one.
    several : str, optional
        The noun for any other number; by default `one` with an s.

    Returns
    -------
    str
        For example "1 text" or "1,200 texts".
    """
    return f"{n:,} {one if n == 1 else several or f'{one}s'}"
