"""How far the nearest dataset tells which task a prompt does: surely, as a leaning, or not at all.

Measured on the 108 shipped prompts for single texts on SmolLM2, each placed after 32, 64, 128 and 512 probe texts, as
how many land nearest to a dataset of the family that they were written for: 30 of 32 told as sure, 36 of 60 told as a
leaning, 82 of 340 others (17 % is chance). A test measures it again.
"""

from dataclasses import dataclass
from typing import Literal

from fute_core.space.scale import Scale

SURE = 0.05
"""Share of different-job pairs that reach even the lower end of the interval, at most."""
LEANING = 0.005
"""Share of different-job pairs that are as similar, at most."""

FEWEST_PAIRS = 200
"""Different-job pairs below which such shares cannot be told, as among the shipped text pairs."""

Grade = Literal["sure", "leaning", "open", "unknown"]
RIGHT: dict[Grade, str] = {"sure": "nine in ten", "leaning": "six in ten", "open": "one in four", "unknown": ""}
"""How many of the shipped prompts of a grade do what they land near."""


@dataclass(frozen=True)
class Verdict:
    """share : of pairs known to do different jobs that are as similar, NaN where there are none."""

    grade: Grade
    share: float

    @property
    def right(self) -> str:
        return RIGHT[self.grade]


def judge(scale: Scale, similarity: float, low: float) -> Verdict:
    """On a prompt and the dataset nearest to it. low : lower end of the similarity's interval, see `landing.Stage`.

    scale : of as many probe texts as the similarity is.
    """
    share, reach = (scale.share("dataset", "prompt", value) for value in (similarity, low))
    if len(scale.reference("dataset", "prompt")) < FEWEST_PAIRS:
        return Verdict("unknown", share)
    return Verdict("sure" if reach <= SURE else "leaning" if share <= LEANING else "open", share)
