"""Two templates side by side with the words that only one of them has marked. HTML, escaped."""

import difflib
import re

from dashboard.session.text import html_text

LONGEST = 6000
"""Characters up to which words are matched; longer templates are shown unmarked."""

ALIKE = 0.6
"""Share of words and blanks that two templates have in common, below which marks would be everywhere."""


def marked(one: str, other: str) -> tuple[str, str]:
    """HTML of both texts, words of the one that the other has not there in `<mark>`, and the other way round."""
    if max(len(one), len(other)) > LONGEST:
        return html_text(one), html_text(other)
    a, b = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (one, other))
    matched = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if matched.ratio() < ALIKE:
        return html_text(one), html_text(other)
    left, right = [], []
    for what, i, j, k, m in matched.get_opcodes():
        left.append(_part("".join(a[i:j]), what == "equal"))
        right.append(_part("".join(b[k:m]), what == "equal"))
    return "".join(left), "".join(right)


def _part(text: str, same: bool) -> str:
    """Blanks alone are not marked: nobody would see what it means."""
    return html_text(text) if same or not text.strip() else f"<mark>{html_text(text)}</mark>"
