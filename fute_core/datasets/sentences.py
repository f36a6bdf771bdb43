"""Sentences of a passage with their places in it, by signs and capitals alone."""

import re

BREAK = re.compile(
    r"""
    (?<![.!?\u2026]) [.!?\u2026]++ ["'\u201d\u2019\u00bb)\]]*+ (?=\s)   # and what closes, before a blank
    | [\u3002\uff01\uff1f]+ [\u300d\u300f\uff09\u201d\u2019]*   # signs of Chinese and Japanese need none
    | \n
    """,
    re.VERBOSE,
)
"""A run of signs is looked at once, from its start: a passage of dots would take minutes otherwise."""
NO_END = re.compile(
    r"(?:^|[\s(])(?:\w|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Gen|Col|Lt|Sgt|Rev|Hon|No|Nr|Vol|Fig|vs|etc|ca|cf|al|bzw|e\.g|i\.e|z\.B)\.$"
)
"""A single letter, as in initials, or a shortened word: the stop behind it ends no sentence."""
LONGEST = 12
"""Characters that are looked at before a stop."""

NEXT = re.compile(r"\s*(\S?)")
Span = tuple[int, int]


def sentence_spans(passage: str) -> list[Span]:
    """Find the sentences of a passage.

    One ends at ".", "!", "?" or "…" before a blank, unless the next word begins with a small letter or what stands
    before the stop is an initial or a shortened word such as "Dr"; at the full stops of Chinese and Japanese; and at a
    line's end.

    Parameters
    ----------
    passage : str
        Any text.

    Returns
    -------
    list of (int, int)
        Start and end of each sentence, rising and apart, without blanks around it; none for a passage of blanks.

    Examples
    --------
    >>> from fute_core.datasets.sentences import sentence_spans
    >>> sentence_spans("It rains. Dr. Who stays in.")
    [(0, 9), (10, 27)]
    """
    ends = [found.end() for found in BREAK.finditer(passage) if _ends(passage, found)]
    spans, start = [], 0
    for end in (*ends, len(passage)):
        part = passage[start:end]
        if text := part.strip():
            first = start + len(part) - len(part.lstrip())
            spans.append((first, first + len(text)))
        start = end
    return spans


def _ends(passage: str, found: "re.Match[str]") -> bool:
    sign = found.group()
    if not sign.startswith((".", "!", "?", "\u2026")):
        return True
    if sign == "." and NO_END.search(passage, max(0, found.end() - LONGEST), found.end()):
        return False
    return not NEXT.match(passage, found.end())[1].islower()  # type: ignore[index]  # it matches anywhere
