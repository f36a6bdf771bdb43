"""User text on a page: escaped for the slot it stands in, and short enough for it."""

import html
import re
from collections.abc import Iterable

from fute_core.maps.points import shorten

__all__ = ["html_text", "joined", "md", "number", "plural", "shorten"]


def md(text: object) -> str:
    """Any text for a slot that Streamlit reads as markdown: shown as typed, in one line, and no image is loaded.

    Such slots are markdown, captions, headers, messages, widget and button labels, radio and pills options, metrics.
    Not for `st.text`, `st.code`, data frames, or options of select boxes: those show text as it is.
    """
    line = " ".join(sendable(text).split())  # line ends and leading blanks would make blocks
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:&^=@/])", r"\\\1", line)


def html_text(text: object) -> str:
    """Any text for `st.html` or a plotly label."""
    return html.escape(sendable(text))


def sendable(text: object) -> str:
    """Any text as a browser can be sent it: a file name may hold half a character, which no message can."""
    return str(text).encode("utf-8", "replace").decode("utf-8")


def number(value: float, digits: int = 2) -> str:
    """A value to so many digits after the point, with a true minus, and no minus zero."""
    return f"{value:z.{digits}f}".replace("-", "\u2212")


def plural(number: int, one: str, many: str | None = None) -> str:
    """ "1 item", "2 items", "1,234 items"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(parts: Iterable[object]) -> str:
    """In words: "2, 3 and 5"; at least one."""
    *first, last = map(str, parts)
    return f"{', '.join(first)} and {last}" if first else last
