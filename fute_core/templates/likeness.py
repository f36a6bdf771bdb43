"""How alike two templates are, word by word: which words only one of them has, and whether one came from the other."""

import difflib
import re

LONGEST = 6000
"""Characters up to which words are matched."""

ALIKE = 0.6
"""Share of words and blanks that two templates have in common, below which marks would be everywhere."""

Part = tuple[str, str, bool]
"""What stands in the one text, what in the other, and whether both are the same."""


def parts(one: str, other: str) -> list[Part] | None:
    """Cut two templates into what they share and what only one of them has.

    Parameters
    ----------
    one, other : str
        The templates.

    Returns
    -------
    list of (str, str, bool) or None
        In their order: text of the one, text of the other, and whether these are the same. None where one is longer
        than `LONGEST`, and where the two have less than `ALIKE` in common.
    """
    if max(len(one), len(other)) > LONGEST:
        return None
    a, b = _words(one), _words(other)
    matched = difflib.SequenceMatcher(None, a, b, autojunk=False)
    if matched.ratio() < ALIKE:
        return None
    return [("".join(a[i:j]), "".join(b[k:m]), what == "equal") for what, i, j, k, m in matched.get_opcodes()]


def alike(one: str, other: str) -> bool:
    """Tell whether one template may be a version of the other.

    Parameters
    ----------
    one, other : str
        The templates.

    Returns
    -------
    bool
        Whether they have at least `ALIKE` of their words and blanks in common; of texts longer than `LONGEST`, whether
        they are the same.
    """
    if max(len(one), len(other)) > LONGEST:
        return one == other
    matched = difflib.SequenceMatcher(None, _words(one), _words(other), autojunk=False)
    # The quick bounds are above the ratio itself, and settle most pairs in no time.
    return matched.real_quick_ratio() >= ALIKE and matched.quick_ratio() >= ALIKE and matched.ratio() >= ALIKE


def _words(text: str) -> list[str]:
    """Words, blanks and signs, in their order."""
    return re.findall(r"\s+|\w+|[^\w\s]", text)
