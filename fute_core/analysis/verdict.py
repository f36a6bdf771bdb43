"""How far the nearest dataset tells which task a prompt does: surely, as a leaning, or not at all.

The limits were measured on the 108 shipped prompts for single texts on SmolLM2, each placed after 32, 64, 128 and 512
probe texts. Counted was how many land nearest to a dataset of the family that they were written for: 30 of 32 that are
told as sure, 36 of 60 that are told as a leaning, and 82 of the 340 others (17 % would be chance). A test counts again.
"""

from dataclasses import dataclass
from typing import Literal

from fute_core.space.scale import Scale

SURE_SHARE = 0.05
"""At most this share of different-job pairs may be as similar as the lower end of the interval, for "sure"."""
LEANING_SHARE = 0.005
"""At most this share of different-job pairs may be as similar as the pair itself, for "leaning"."""
FEWEST_TO_JUDGE = 200
"""With fewer different-job pairs known, such small shares cannot be told; the shipped text pairs have fewer."""

Grade = Literal["sure", "leaning", "open", "unknown"]
RIGHT: dict[Grade, str] = {"sure": "nine in ten", "leaning": "six in ten", "open": "one in four", "unknown": ""}
"""How many of the shipped prompts of a grade do what they land near."""


@dataclass(frozen=True)
class Verdict:
    """How far the nearest dataset tells what a prompt does.

    Parameters
    ----------
    grade : {"sure", "leaning", "open", "unknown"}
        How sure it is; "unknown" where too few different-job pairs are known.
    share : float
        Share of the pairs known to do different jobs that are as similar, 0 to 1; NaN where there are too few.
    """

    grade: Grade
    share: float

    @property
    def right(self) -> str:
        """How many of the shipped prompts of this grade do what they land near.

        Returns
        -------
        str
            Such as "nine in ten"; empty for "unknown".
        """
        return RIGHT[self.grade]


def judge(scale: Scale, similarity: float, low: float) -> Verdict:
    """Judge a prompt and the dataset nearest to it.

    Parameters
    ----------
    scale : Scale
        Fitted on as many probe texts as the similarity was.
    similarity : float
        Of the two, -1 to 1.
    low : float
        Lower end of its interval, see `atlas.landing.Stage`.

    Returns
    -------
    Verdict
        Grade and share.
    """
    share, reach = (scale.share("dataset", "prompt", value) for value in (similarity, low))
    if len(scale.reference("dataset", "prompt")) < FEWEST_TO_JUDGE:
        return Verdict("unknown", share)
    return Verdict("sure" if reach <= SURE_SHARE else "leaning" if share <= LEANING_SHARE else "open", share)
