"""When enough probe texts are answered: the verdict on the nearest dataset will not change any more.

A verdict compares the greatest similarity to a dataset with the level that strangers reach. After n of m texts the
difference is as far from what it will be after all of them as a mean of n draws without replacement is from the mean of
all, so distances are told in units of sqrt(1/n - 1/m). Two things are added to that. They drift: a level falls with
more texts, and what is greatest of many by chance falls as well. And every look is a new chance to stop by mistake, so
looks are few (`LOOKS`).
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from fute_core.errors import BadInput

LOOKS = (64, 96, 128, 192, 256, 384)
"""After how many answers it is asked whether the verdict is settled; never before the first.

Every look is a chance to stop by mistake. Looking after every 32 answers saves one text in twenty and keeps as many
claims on the gallery as it ships, and lost more of them before it grew: `fute eval settle`."""
CAREFUL = 4
"""How much rarer than other changes a claim may be lost.

One item in ten has a claim in the end, so an error that is small among all items would be large among those."""


@dataclass(frozen=True)
class Drift:
    """How a difference changes between n texts and all, in units of sqrt(1/n - 1/m).

    Parameters
    ----------
    mean : float
        By how much it moves towards the other verdict on average.
    spread : float
        Standard deviation of that.
    """

    mean: float
    spread: float

    def bound(self, confidence: float) -> float:
        """Give the distance that is not crossed any more.

        Parameters
        ----------
        confidence : float
            Share of cases in which it is not, of a normal distribution; 0 to 1.

        Returns
        -------
        float
            In units of sqrt(1/n - 1/m); at least 0.
        """
        return max(self.mean + NormalDist().inv_cdf(confidence) * self.spread, 0.0)


@dataclass(frozen=True)
class Standing:
    """What is known of something after some of the probe texts.

    Parameters
    ----------
    greatest : float
        Its greatest similarity to a dataset, -1 to 1, by the answered texts alone.
    level : float
        From where kin may be claimed on so many texts: `Scale.claim_level`; infinity where nothing can be told.
    gap : float
        By how much the family of the nearest dataset leads the next family, 0 to 2.
    n : int
        Texts answered.
    m : int
        Texts in all.
    """

    greatest: float
    level: float
    gap: float
    n: int
    m: int


@dataclass(frozen=True)
class Settling:
    """The rule: constants measured on items whose verdict after all texts is known.

    Parameters
    ----------
    none : Drift
        Of the level's lead over the greatest similarity, where that is below it.
    kin : Drift
        Of the greatest similarity's lead over the level, where it reaches it.
    lead : Drift
        Of the nearest family's lead over the next, where the level is reached.
    """

    none: Drift
    kin: Drift
    lead: Drift

    def bounds(self, confidence: float) -> tuple[float, float, float]:
        """Give the three distances from which a verdict counts as settled.

        Parameters
        ----------
        confidence : float
            How often the verdict has to be that of all texts, 0.5 to 0.999.

        Returns
        -------
        tuple of (float, float, float)
            For "nothing here", for kin, and between the two leading families, in units of sqrt(1/n - 1/m).

        Raises
        ------
        BadInput
            For a confidence outside.
        """
        check_confidence(confidence)
        careful = 1 - (1 - confidence) / CAREFUL
        return self.none.bound(careful), self.kin.bound(confidence), self.lead.bound(confidence)

    def settled(self, standing: Standing, confidence: float) -> bool:
        """Tell whether more texts would hardly change the verdict.

        Parameters
        ----------
        standing : Standing
            After n of m texts.
        confidence : float
            As for `bounds`.

        Returns
        -------
        bool
            True after all texts; never true before them where nothing can be told, or before the first of `LOOKS`.
        """
        none, kin, lead = self.bounds(confidence)
        if standing.n >= standing.m:
            return True
        if standing.n < LOOKS[0] or standing.level == float("inf"):
            return False
        unit = sqrt(1 / standing.n - 1 / standing.m)
        above = (standing.greatest - standing.level) / unit
        if above < 0:
            return -above > none
        return above > kin and standing.gap / unit > lead


SETTLING = Settling(none=Drift(1.40, 0.75), kin=Drift(0.52, 0.95), lead=Drift(0.73, 0.82))
"""Measured on the shipped prompts and classifiers, each left out of the space: `fute eval settle` prints it anew."""


def check_confidence(confidence: float) -> None:
    """Refuse a confidence that the rule has no bounds for.

    Parameters
    ----------
    confidence : float
        As given.

    Raises
    ------
    BadInput
        Outside 0.5 to 0.999.
    """
    if not 0.5 <= confidence <= 0.999:
        raise BadInput(f"A verdict can be settled at a confidence of 0.5 to 0.999, not {confidence:g}; try 0.95.")


def looks(m: int) -> list[int]:
    """List after how many answers to ask whether the verdict is settled.

    Parameters
    ----------
    m : int
        Texts in all.

    Returns
    -------
    list of int
        Rising; m is the last.
    """
    return [*(n for n in LOOKS if n < m), m]
