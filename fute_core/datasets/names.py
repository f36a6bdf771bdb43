"""What the name of a column says about it; what the column holds is asked in `profiles`."""

import re
from collections.abc import Sequence
from functools import lru_cache

from fute_core.templates.fields import PAIRS

PAIRED_COLUMNS = PAIRS
"""First and second text of a pair, as prompt templates know them."""
TEXT_COLUMNS = (
    "text", "sentence", "review", "content", "tweet", "comment", "question", "message", "document", "body", "claim",
    "utterance", "query", "passage", "statement", "post", "article", "abstract", "description", "email", "sms",
    "transcript", "response", "context", "prompt", "premise", "sentence1", "paragraph", "phrase", "snippet", "title",
)  # fmt: skip
SURE_LABELS = ("label", "labels", "gold_label", "label_text")
LABEL_COLUMNS = (
    *SURE_LABELS, "target", "class", "category", "intent", "sentiment", "emotion", "stance", "polarity", "relation",
    "verdict", "topic", "gold", "tag", "score",
)  # fmt: skip
SCALES = ("score", "rating", "ratings", "stars", "star", "grade", "points", "similarity", "relatedness", "valence")
"""Names of what may be a scale: its whole numbers are labels to some and scores to others."""

BESIDE_TEXT = frozenset((
    "title", "headline", "subject", "summary", "heading", "caption", "name", "names", "author", "user", "username",
    "url", "link", "location", "source", "keyword", "keywords", "tags", "topic", "reason", "explanation", "rationale",
    "note", "notes", "date", "time", "id", "ids", "idx", "index", "uuid", "guid", "key", "hash", "path", "file",
    "filename", "parse", "city", "country", "address", "entities", "tokens", "lang", "language", "label", "labels",
    "category", "class", "split",
))  # fmt: skip
"""What stands beside texts; it is the text only where nothing else is."""
BESIDE_LABEL = frozenset((
    "split", "fold", "lang", "language", "languages", "source", "sources", "genre", "country", "city", "state",
    "region", "location", "timezone", "year", "month", "day", "week", "date", "time", "created", "user", "username",
    "author", "name", "gender", "age", "annotator", "worker", "annotators", "domain", "platform", "device", "count",
    "counts", "length", "len", "words", "chars", "tokens", "likes", "votes", "retweets", "shares", "confidence",
    "probability", "prob", "version", "page", "line", "row", "id", "ids", "idx", "index", "uuid", "guid", "key", "hash",
    "url", "file", "filename", "path", "title", "subject", "keyword",
))  # fmt: skip
"""What is few and repeated and yet seldom a label."""
IDS = frozenset((
    "id", "ids", "idx", "index", "uuid", "guid", "key", "hash", "url", "link", "path", "file", "filename", "no",
    "number",
))  # fmt: skip
LABEL_LAST = frozenset((*LABEL_COLUMNS, "tags", "annotation", "truth", "answer", "y", "is", "has")) - set(SCALES)


def listed(names: Sequence[str]) -> str:
    """Names for a message, whole, so that they can be pasted: the first eight, and how many more there are.

    Parameters
    ----------
    names : sequence of str
        Columns or labels.

    Returns
    -------
    str
        The names in quotes, with commas between them.
    """
    shown = ", ".join(repr(name) for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")


@lru_cache(maxsize=4096)
def parts(name: str) -> tuple[str, ...]:
    """Split a column's name into its words.

    Parameters
    ----------
    name : str
        Such as "reviewText", "Review Text" or "#2 String".

    Returns
    -------
    tuple of str
        In lower case, without signs: "review" and "text".
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return tuple(re.findall(r"[^\W_]+", spaced.lower()))


def plain(name: str) -> str:
    """Bring a column's name to the form of the lists here.

    Parameters
    ----------
    name : str
        As it stands in the file.

    Returns
    -------
    str
        Its words in lower case, with "_" between them.
    """
    return "_".join(parts(name))


def text_level(name: str) -> int:
    """How much a name speaks for a text.

    Parameters
    ----------
    name : str
        The column's name.

    Returns
    -------
    int
        2 for "text" and words with it, 1 for other usual names, 0 for names that say nothing, -1 for what stands
        beside texts.
    """
    words = [re.sub(r"\d+$", "", word) for word in parts(name) if not word.isdigit() and len(word) > 1]
    if not words:
        return 0
    if words[-1] in BESIDE_TEXT or words[0] in ("id", "url"):
        return -1
    if "text" in words:
        return 2
    return int(any(word in TEXT_COLUMNS for word in words) or plain(name) in TEXT_COLUMNS)


def label_level(name: str) -> int:
    """How much a name speaks for a label.

    Parameters
    ----------
    name : str
        The column's name.

    Returns
    -------
    int
        3 for "label" and its like, 2 for other usual names, 1 for a scale such as "stars", 0 for names that say
        nothing, -1 for what is repeated and seldom a label, such as "language".
    """
    words = [re.sub(r"\d+$", "", word) for word in parts(name)]
    words = [word for word in words if word]
    if plain(name) in SURE_LABELS:
        return 3
    if not words:
        return 0
    if words[0] in ("is", "has") or words[-1] in LABEL_LAST:
        return 2
    if words[-1] in SCALES:
        return 1
    if any(word in BESIDE_LABEL for word in words):
        return -1
    return 2 if any(word in LABEL_LAST for word in words) else 0


def is_scale(name: str) -> bool:
    """Whether a name is that of a scale, such as "stars".

    Parameters
    ----------
    name : str
        The column's name.

    Returns
    -------
    bool
        True for the names of `SCALES`, alone or last.
    """
    words = parts(name)
    return bool(words) and words[-1] in SCALES


def twins(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Find names that differ only in which of two it is: 1 and 2, a and b, left and right, first and second.

    Parameters
    ----------
    names : tuple of str
        Columns in the order of the file.

    Returns
    -------
    list of (str, str)
        First and second of each two.
    """
    found = []
    for one, two in (("1", "2"), ("a", "b"), ("left", "right"), ("first", "second"), ("0", "1")):
        bare = {name: _without(name, one) for name in names}
        other = {_without(name, two): name for name in reversed(names) if _without(name, two) is not None}
        found += [(name, other[key]) for name, key in bare.items() if key in other]
    return found


def _without(name: str, mark: str) -> str | None:
    """The name with its mark blotted out, or None where it has none."""
    pattern = rf"(?<![^\W_]){mark}(?![^\W_])" + (rf"|(?<=[A-Za-z]){mark}$" if mark.isdigit() else "")
    blotted, count = re.subn(pattern, "\0", name.lower())
    return blotted if count == 1 else None
