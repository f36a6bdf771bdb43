"""What else the points of a map can be coloured by than their family: verdict, skill, model, and whose they are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.maps.palette import NO_FAMILY_COLOUR, TONES, TONES_DARK

if TYPE_CHECKING:
    from fute_core.space.verdict import Job

Tone = tuple[str, str]
"""Hex colours on a light and on a dark surface."""
GREY: Tone = (NO_FAMILY_COLOUR, NO_FAMILY_COLOUR)
PALE: Tone = ("#C4C7C9", "#54585C")
VERDICTS: Mapping[str, tuple[str, Tone]] = {
    "same": ("does a job that is known here", ("#154A60", "#04BFF0")),
    "kin": ("kin to one", ("#26A8E5", "#B9E0FF")),
    "group": ("of a group of jobs", ("#D68702", "#E3B626")),
    "none": ("no job here", PALE),
    "unknown": ("cannot be told", GREY),
    "unreadable": ("texts not read", ("#8D1E18", "#FB4C64")),
}
SKILLS: tuple[tuple[float, str, Tone], ...] = (
    (0.8, "0.8 or more", ("#06382D", "#E8FFF7")),
    (0.6, "0.6 to 0.8", ("#15705A", "#6AD3AC")),
    (0.3, "0.3 to 0.6", ("#58AE90", "#2F8A69")),
    (-np.inf, "below 0.3, near guessing", ("#D9B48A", "#8A6A45")),
)
"""Least skill, what it is called, and its tone: darker on light surfaces the more, lighter on dark ones."""
OTHERS = "all others"
HUES = (0, 1, 3, 5, 2, 7, 9, 6)
"""Of `palette.TONES`, one a model: far apart from one another."""


@dataclass(frozen=True)
class Shades:
    """A colour for each of n points.

    Parameters
    ----------
    names : tuple of str, length s
        What each colour means, in the order of a legend.
    tones : tuple of (str, str), length s
        Hex colours on a light and on a dark surface.
    codes : ndarray of uint8, shape (n,)
        Which one each point has.
    """

    names: tuple[str, ...]
    tones: tuple[Tone, ...]
    codes: NDArray[np.uint8]

    def take(self, wanted: NDArray[np.bool_]) -> "Shades":
        """Choose points.

        Parameters
        ----------
        wanted : ndarray of bool, shape (n,)
            Which.

        Returns
        -------
        Shades
            Of these; colours that no point has any more stay.
        """
        return replace(self, codes=self.codes[wanted])


def by_verdict(jobs: "Sequence[Job | None]") -> Shades:
    """Colour by what is said of each job.

    Parameters
    ----------
    jobs : sequence of (str or None), length n
        Of `Verdict.job`; None where there is no dataset to judge by.

    Returns
    -------
    Shades
        Of all verdicts that there are.
    """
    return _shades([job or "unknown" for job in jobs], VERDICTS)


def by_skill(skills: Sequence[float | None]) -> Shades:
    """Colour by how much better than guessing each one is.

    Parameters
    ----------
    skills : sequence of (float or None), length n
        0 for guessing, 1 for no mistake; None where it was not measured, as of datasets.

    Returns
    -------
    Shades
        In steps; grey for what was not measured.
    """
    of = {name: (name, tone) for _, name, tone in SKILLS} | {"": ("not measured", PALE)}
    steps = ["" if s is None else next(name for least, name, _ in SKILLS if s >= least) for s in skills]
    return _shades(steps, of)


def by_model(models: Sequence[str | None]) -> Shades:
    """Colour by the language model of a prompt, the architecture of a classifier.

    Parameters
    ----------
    models : sequence of (str or None), length n
        Their names; None for datasets.

    Returns
    -------
    Shades
        The commonest each in a hue of its own; grey for datasets.
    """
    count = Counter(model for model in models if model)
    common = sorted(count, key=lambda model: (-count[model], model))
    own = common if len(common) <= len(HUES) else common[: len(HUES) - 1]
    of = {m: (m, (TONES[hue][1], TONES_DARK[hue][2])) for m, hue in zip(own, HUES, strict=False)}
    others = dict.fromkeys(common[len(own) :], OTHERS)
    of |= {OTHERS: (OTHERS, GREY), "": ("no model: a dataset", PALE)}
    return _shades([others.get(model or "", model or "") for model in models], of)


def by_owner(shipped: Sequence[bool]) -> Shades:
    """Colour what a user brought.

    Parameters
    ----------
    shipped : sequence of bool, length n
        Whether each one ships.

    Returns
    -------
    Shades
        Grey for what does.
    """
    return _shades(["ships" if own else "yours" for own in shipped],
                   {"yours": ("yours", ("#D71D54", "#FC14B2")), "ships": ("ships with Task Atlas", PALE)})  # fmt: skip


def _shades(codes: Sequence[str], of: Mapping[str, tuple[str, Tone]]) -> Shades:
    """Of those that occur, in the order of `of`."""
    there = set(codes)
    used = [code for code in of if code in there]
    at = {code: n for n, code in enumerate(used)}
    return Shades(
        tuple(of[code][0] for code in used), tuple(of[code][1] for code in used),
        np.array([at[code] for code in codes], np.uint8),
    )  # fmt: skip
