"""Which columns could be the text, or the two texts of a pair."""

from collections.abc import Mapping
from dataclasses import dataclass

from fute_core.datasets.names import PAIRED_COLUMNS, parts, plain, text_level, twins
from fute_core.datasets.profiles import Profile

SHORTER = 0.4
"""A column of texts this much shorter than another's is no rival to it, unless its name speaks for it."""


@dataclass(frozen=True)
class TextChoice:
    """What could be the text.

    Parameters
    ----------
    first : list of tuple of str
        Each a column, or two of a pair; one where it is plain, none where nothing is.
    others : list of str
        Columns that hold text beside what was chosen.
    """

    first: list[tuple[str, ...]]
    others: list[str]


def text_candidates(known: Mapping[str, Profile], pairs: bool) -> TextChoice:
    """Find what could be the text, by what columns hold and are called.

    Parameters
    ----------
    known : mapping of str to Profile
        The columns that are not given to another place, in the order of the file.
    pairs : bool
        Whether two columns may be taken as a pair.

    Returns
    -------
    TextChoice
        Several in `first` where a user has to be asked.
    """
    prose = [name for name, p in known.items() if p.prose]
    if pairs and (found := _pairs(known, prose)):
        rivals: list[tuple[str, ...]] = [
            (name,) for name in prose if plain(name) == "text" and all(name not in pair for pair in found)
        ]
        taken = {name for pair in found for name in pair}
        return TextChoice(found + rivals, [n for n in prose if n not in taken and text_level(n) >= 0])
    best = _rivals(known, prose)
    if not best:  # nothing reads like texts: short or repeated ones are known by their name alone
        named = [n for n, p in known.items() if p.kind in ("text", "number") and text_level(n) > 0]
        best = sorted(named, key=lambda name: -text_level(name))[:1]
    return TextChoice([(name,) for name in best], [name for name in prose if name not in best and _says(known, name)])


def _pairs(known: Mapping[str, Profile], prose: list[str]) -> list[tuple[str, ...]]:
    by_name = {plain(name): name for name in reversed(list(known))}
    named = [
        tuple(by_name[plain(n)] for n in pair) for pair in PAIRED_COLUMNS if all(plain(n) in by_name for n in pair)
    ]
    named = [pair for pair in dict.fromkeys(named) if all(_holds_texts(known[name]) for name in pair)]
    if named:
        first = named[0]
        if {plain(name) for name in first} == {"text", "text_pair"}:
            return [first]
        return [first, *(pair for pair in named[1:] if set(pair) & set(first))]
    found: list[tuple[str, ...]] = [pair for pair in twins(tuple(prose)) if text_level(pair[0]) >= 0]
    return list(dict.fromkeys(found))[:2]


def _holds_texts(column: Profile) -> bool:
    """Whether a column of a usual pair can be one of its texts: answers, for one, may as well be labels."""
    short = column.classes and column.words < 3 and parts(column.name)[-1:] in (("answer",), ("claim",))
    return column.kind == "text" and not short


def _rivals(known: Mapping[str, Profile], prose: list[str]) -> list[str]:
    """The columns of texts that are left once those are gone that stand beside them, the likeliest first."""
    left = [n for n in prose if not any(_beats(known[m], known[n]) for m in prose if m != n)]
    if (sure := [n for n in left if plain(n) == "text"]) and all(text_level(n) == 2 for n in left):
        return sure  # "clean_text" and "text_en" are made of "text"
    return sorted(left, key=lambda n: (-text_level(n), -known[n].characters))


def _beats(one: Profile, other: Profile) -> bool:
    """Whether `other` is no rival to `one`: it is named as what stands beside texts, or is much shorter."""
    level, rival = text_level(one.name), text_level(other.name)
    if rival < 0 <= level:
        return other.characters <= one.characters
    if level < 0 <= rival:
        return False
    return other.characters < SHORTER * one.characters and level >= rival and other.filled <= one.filled


def _says(known: Mapping[str, Profile], name: str) -> bool:
    """Whether a column that was not chosen is worth a word: it holds more than names."""
    return known[name].words >= 3
