"""What a family and a kind look like, in every chart: colour is family, symbol is kind."""

import colorsys
from collections.abc import Iterable

from fute_core.digest import digest

FAMILY_COLOURS = {
    "sentiment": "#1966B3",
    "topic": "#E69F00",
    "toxicity": "#B33319",
    "question type": "#36E2C6",
    "emotion": "#C0598C",
    "spam": "#5C2336",
    "inference": "#0000CC",
    "paraphrase": "#5CADFF",
    "acceptability": "#D2BA89",
    "subjectivity": "#925CFF",
    "irony": "#53235C",
    "clickbait": "#701010",
    "intent": "#89ADD2",
}
"""Chosen so that the smallest CIELAB difference (21.6) is as large as can be, for normal, protan and deutan vision."""

FAMILY_COLOURS_DARK = {
    "sentiment": "#416CB8",
    "topic": "#C29A23",
    "toxicity": "#B1580B",
    "question type": "#62DBA3",
    "emotion": "#E1AFCE",
    "spam": "#A65756",
    "inference": "#BAC0FE",
    "paraphrase": "#7489F8",
    "acceptability": "#CDD570",
    "subjectivity": "#A06095",
    "irony": "#5F5BEC",
    "clickbait": "#DB8172",
    "intent": "#3F99CB",
}
"""The same for dark surfaces: hues within 25 degrees, lightness 46 or more; the smallest difference is 17.1."""

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


def family_colour(family: str | None, dark: bool = False) -> str:
    """Give a family's colour, the same in every chart.

    Parameters
    ----------
    family : str or None
        A family that is not listed has a hue from its name; None is grey.
    dark : bool, default False
        For a dark surface.

    Returns
    -------
    str
        Hex colour.
    """
    if not family:
        return NO_FAMILY_COLOUR
    known = (FAMILY_COLOURS_DARK if dark else FAMILY_COLOURS).get(family.strip().casefold())
    if known:
        return known
    number = int(digest(family.strip().casefold()), 16)
    lightness = ((0.5, 0.72) if dark else (0.32, 0.55))[number // 24 % 2]
    rgb = colorsys.hls_to_rgb((number % 24) / 24, lightness, 0.5)
    return "#" + "".join(f"{round(255 * channel):02X}" for channel in rgb)


def family_order(families: Iterable[str | None]) -> list[str | None]:
    """Put families in the order of legends.

    Parameters
    ----------
    families : iterable of (str or None)
        Families, also several times.

    Returns
    -------
    list of (str or None)
        Each once: the known ones in the palette's order, then others by name, None last.
    """
    known = list(FAMILY_COLOURS)
    return sorted(
        set(families),
        key=lambda f: (f is None, known.index(f) if f in FAMILY_COLOURS else len(known), f or ""),
    )
