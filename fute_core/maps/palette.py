"""What a family and a kind look like, in every chart: colour is family, symbol is kind."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from fute_core.datasets.families import shipped_families
from fute_core.digest import digest

TONES = (
    ("#154A60", "#3F6E9C", "#26A8E5", "#ACCDED"),
    ("#694002", "#A75418", "#D68702", "#E6B929"),
    ("#025B01", "#147F55", "#5FAB28", "#20E75F"),
    ("#7E0F8C", "#8047E2", "#ED63FE", "#EDAEF2"),
    ("#00543C", "#397472", "#36A57F", "#04E3B9"),
    ("#8D1E18", "#E00219", "#F97939", "#F4AD9F"),
    ("#4B5202", "#57801A", "#B59D33", "#86D304"),
    ("#3B31A4", "#275BF5", "#A189EC", "#C8C3FB"),
    ("#064D4F", "#3B7284", "#46ACB0", "#2CDBFF"),
    ("#92014B", "#D71D54", "#FB5BBB", "#F3AABF"),
)
"""A hue a line, for a group of families, and its tones from dark to light, for the families within; on light surfaces.

Found by search, so that by CIEDE2000 two tones differ by 20 or more where they are not next to one another, of whatever
hues, and so do the second and the third of one hue; by 10 or more for those who see neither red nor green apart.
"""
ANGLES = (252, 72, 144, 324, 180, 36, 108, 288, 216, 0)
"""Of the hues, in CIELAB."""
FAR = 2
"""Steps between tones that are told apart whatever their hues."""
TOLD_APART = {1, 2}
"""Tones next to one another that are told apart within a hue."""

TONES_DARK = (
    ("#1A6C94", "#708AAA", "#04BFF0", "#B9E0FF"),
    ("#A0580D", "#DA7910", "#E3B626", "#F9D6A4"),
    ("#29741E", "#169B57", "#6DD321", "#58FE9D"),
    ("#A60DB9", "#D34AE5", "#F5A1D8", "#ECDAFF"),
    ("#026D60", "#35968E", "#26D49F", "#6CFDF0"),
    ("#C83027", "#FB4C64", "#FF9562", "#FED2BF"),
    ("#646A1E", "#6A942F", "#C9BF26", "#C8F834"),
    ("#1857EF", "#8D74F2", "#7DB3FD", "#DCD7FD"),
    ("#2C6973", "#598FA2", "#07D0D6", "#ADE4F8"),
    ("#D1085D", "#FC14B2", "#FB929F", "#FFCFE1"),
)
"""The same hues in the same order on dark surfaces."""

NO_FAMILY = "unknown"
NO_FAMILY_COLOUR = "#8A8A8A"
KINDS = ("dataset", "model", "prompt")
PLOTLY_SYMBOLS = {"dataset": "circle", "model": "square", "prompt": "diamond"}
PLOTLY_SYMBOLS_3D = PLOTLY_SYMBOLS
MATPLOTLIB_MARKERS = {"dataset": "o", "model": "s", "prompt": "D"}

OUTLINES = (None, ("#1B1F23", "#F1F3F5"), ("#9AA0A6", "#7C858D"), ("#B07D00", "#E3B341"), ("#D3D6D9", "#4A5259"))
"""For a light and a dark surface: none, then tones for language models and architectures, told apart by lightness."""


def outline_colour(code: int, dark: bool = False) -> str:
    """Give the tone of an outline.

    Parameters
    ----------
    code : int
        Place in `OUTLINES`; 0 has none.
    dark : bool, default False
        For a dark surface.

    Returns
    -------
    str
        Hex colour, "" for code 0.
    """
    tone = OUTLINES[code]
    return tone[dark] if tone else ""


def family_groups() -> dict[str, str]:
    """Tell which families of the shipped datasets belong together.

    Returns
    -------
    dict of str to str
        Family to group, in the order of `data/families.json`.
    """
    return dict(_shipped_groups())


@lru_cache(maxsize=1)
def _shipped_groups() -> tuple[tuple[str, str], ...]:
    return tuple((_plain(family.name), family.group) for family in shipped_families().values())


def family_colour(family: str | None, dark: bool = False, groups: Mapping[str, str] | None = None) -> str:
    """Give a family's colour, the same in every chart: the hue is its group's, the tone its own.

    Parameters
    ----------
    family : str or None
        A family that is in no group has a colour from its name, among those that no other has; None is grey.
    dark : bool, default False
        For a dark surface.
    groups : mapping of str to str, optional
        Family to group; by default `family_groups`.

    Returns
    -------
    str
        Hex colour.
    """
    if not family:
        return NO_FAMILY_COLOUR
    places, free = _places(_shipped_groups() if groups is None else tuple(groups.items()))
    name = _plain(family)
    hue, tone = places[name] if name in places else free[int(digest(name), 16) % len(free)]
    return (TONES_DARK if dark else TONES)[hue][tone]


def family_order(families: Iterable[str | None], groups: Mapping[str, str] | None = None) -> list[str | None]:
    """Put families in the order of legends: those of a group stand together.

    Parameters
    ----------
    families : iterable of (str or None)
        Families, also several times.
    groups : mapping of str to str, optional
        Family to group; by default `family_groups`.

    Returns
    -------
    list of (str or None)
        Each once: those in groups first, then others by name, None last.
    """
    known = list(_places(_shipped_groups() if groups is None else tuple(groups.items()))[0])
    at = {family: n for n, family in enumerate(known)}
    return sorted(
        set(families),
        key=lambda f: (f is None, at.get(_plain(f or ""), len(at)), f or ""),
    )


Place = tuple[int, int]
"""Of a colour: which hue, and which tone of it."""


@lru_cache(maxsize=8)
def _places(groups: tuple[tuple[str, str], ...]) -> tuple[dict[str, Place], list[Place]]:
    """Where each family's colour stands, group by group, and the places that are left; all of them where none is.

    A group takes a fresh hue, or else the one with most tones left; where that is used up, it goes on in another. Each
    family's tone is far in lightness from that of the family before, since two hues look alike to some eyes and two
    lightnesses to none; of these, the one that the fewest families have.
    """
    left = [list(range(len(tones))) for tones in TONES]
    found: dict[str, Place] = {}
    used = [0] * len(TONES[0])
    before = len(TONES[0]) - 1

    def another(to: int | None = None) -> int:
        """The hue with most tones left, of which one is far from the tone before; the nearest to a hue, where given."""
        hues = sorted(range(len(left)), key=lambda h: (-len(left[h]), 0 if to is None else _turn(to, h)))
        return next((h for h in hues if any(abs(tone - before) >= FAR for tone in left[h])), hues[0])

    for group in dict.fromkeys(group for _, group in groups):
        hue = another()
        for family in (f for f, own in groups if own == group):
            if not any(left):  # more families than colours
                left = [list(range(len(tones))) for tones in TONES]
            hue = hue if left[hue] else another(hue)
            far = [tone for tone in left[hue] if abs(tone - before) >= FAR]
            next_to = [tone for tone in left[hue] if {tone, before} == TOLD_APART]
            before = min(far or next_to or left[hue], key=lambda tone: used[tone])
            used[before] += 1
            left[hue].remove(before)
            found[family] = (hue, before)
    free = [(hue, tone) for hue, tones in enumerate(left) for tone in tones]
    return found, free or [(hue, tone) for hue, tones in enumerate(TONES) for tone in range(len(tones))]


def _turn(one: int, other: int) -> int:
    """Degrees between two hues."""
    apart = abs(ANGLES[one] - ANGLES[other]) % 360
    return min(apart, 360 - apart)


def _plain(name: str) -> str:
    return name.strip().casefold()
