"""How well one ranking agrees with another: pure functions of arrays, each with its formula.

gold : float (n,), what is true of each candidate (accuracy after transfer, accuracy of a prompt); higher is better.
predicted : float (n,), what ranks them; higher is ranked earlier. Equal predictions share what their places would get.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from fute_core.errors import BadInput

RESAMPLES = 2000


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % bootstrap interval, the value that chance would give, and of how many it is the mean."""

    value: float
    low: float
    high: float
    chance: float | None
    n: int

    def as_json(self) -> dict[str, float | int | None]:
        return {
            "value": _rounded(self.value), "low": _rounded(self.low), "high": _rounded(self.high),
            "chance": None if self.chance is None else _rounded(self.chance), "n": self.n,
        }  # fmt: skip


def _rounded(number: float) -> float | None:
    return round(float(number), 4) if np.isfinite(number) else None


def predicted_ranks(predicted: Sequence[float]) -> np.ndarray:
    """float64 (n,): place of each candidate, the highest is 1; equal ones share the mean of their places."""
    from scipy.stats import rankdata

    return rankdata(-np.asarray(predicted, np.float64), method="average")


def rank_of_best(gold: Sequence[float], predicted: Sequence[float]) -> float:
    """The field's rho: the predicted place of the truly best candidate, 1 at best, (n + 1) / 2 by chance.

    Of several that are equally best the one that is ranked earliest counts.
    """
    gold, predicted = _checked(gold, predicted)
    return float(predicted_ranks(predicted)[gold == gold.max()].min())


def ndcg(gold: Sequence[float], predicted: Sequence[float]) -> float:
    """sum_i (2^gold_i - 1) / log2(1 + rank_i), over the same for the ideal ranking; 1 at best.

    It depends on the unit of `gold` more than on the ranking: show `ndcg_references` beside it.
    """
    gold, predicted = _checked(gold, predicted)
    gains = _gains(gold)
    discounts = _discounts(len(gold))
    order = np.argsort(-predicted, kind="stable")
    shared = np.empty(len(gold))
    for value in np.unique(predicted):
        shared[predicted == value] = discounts[predicted[order] == value].mean()
    return float(gains @ shared / _ideal(gains))


def ndcg_published(gold: Sequence[float], predicted: Sequence[float]) -> float:
    """What FUTE's published code computes: gain and discount change places, 0 where all predictions are equal.

    With sigma(i) the predicted rank of the truly i-th, sum_i gain_sigma(i) / log2(1 + i) over the ideal. Offered for
    comparison with that code alone.
    """
    gold, predicted = _checked(gold, predicted)
    if np.ptp(predicted) == 0:
        return 0.0
    truly = np.argsort(-gold, kind="stable")
    place = np.empty(len(gold), int)
    place[np.argsort(-predicted, kind="stable")] = np.arange(len(gold))
    gains = _gains(gold)[truly]
    return float(gains[place[truly]] @ _discounts(len(gold)) / _ideal(gains))


def ndcg_references(gold: Sequence[float]) -> dict[str, float]:
    """NDCG of a random ranking on average ("random") and of the worst one ("worst"), for this gold in this unit."""
    gains = _gains(np.asarray(gold, np.float64))
    discounts = _discounts(len(gains))
    return {
        "random": float(gains.sum() * discounts.mean() / _ideal(gains)),
        "worst": float(np.sort(gains) @ discounts / _ideal(gains)),
    }


def regret_at(gold: Sequence[float], predicted: Sequence[float], k: int = 1) -> float:
    """max(gold) minus the best gold among the k that are ranked first, in gold's unit; expected value under ties."""
    gold, predicted = _checked(gold, predicted)
    if k < 1:
        raise BadInput(f"Regret at {k} is not defined; give k of at least 1.")
    if k >= len(gold):
        return 0.0
    last = np.sort(predicted)[::-1][k - 1]
    sure = gold[predicted > last]
    tied = np.sort(gold[predicted == last])[::-1]
    seats = k - len(sure)
    floor = sure.max() if len(sure) else -np.inf
    ways = comb(len(tied), seats)
    found = sum(
        comb(len(tied) - j - 1, seats - 1) / ways * max(value, floor)
        for j, value in enumerate(tied[: len(tied) - seats + 1])
    )
    return float(gold.max() - found)


def spearman(gold: Sequence[float], predicted: Sequence[float]) -> float:
    """Spearman's rank correlation; 0 where one side is constant, since it orders nothing."""
    from scipy.stats import spearmanr

    gold, predicted = _checked(gold, predicted)
    if np.ptp(gold) == 0 or np.ptp(predicted) == 0:
        return 0.0
    return float(spearmanr(gold, predicted).statistic)


def kendall(gold: Sequence[float], predicted: Sequence[float]) -> float:
    """Kendall's tau-b; 0 where one side is constant."""
    from scipy.stats import kendalltau

    gold, predicted = _checked(gold, predicted)
    if np.ptp(gold) == 0 or np.ptp(predicted) == 0:
        return 0.0
    return float(kendalltau(gold, predicted).statistic)


def balanced_accuracy(answers: np.ndarray, truth: np.ndarray, n_labels: int) -> float:
    """Mean over the labels that occur of the share answered right; int (n,) answers and truth."""
    return float(np.mean([(answers[truth == label] == label).mean() for label in range(n_labels) if label in truth]))


def estimate(
    values: Sequence[float],
    chance: float | None = None,
    groups: Sequence[object] | None = None,
    statistic: Callable[[np.ndarray], float] = np.mean,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Mean (or another statistic) of values (n,) with its 95 % percentile bootstrap interval.

    groups : what belongs together, such as the models of one dataset: whole groups are drawn, since their members are
        not independent. None draws single values.
    """
    values = np.asarray(values, np.float64)
    if not len(values):
        return Estimate(float("nan"), float("nan"), float("nan"), chance, 0)
    generator = np.random.default_rng(seed)
    if groups is None:
        draws = [values[generator.integers(0, len(values), len(values))] for _ in range(resamples)]
    else:
        names = np.unique([str(g) for g in groups])
        members = [np.flatnonzero([str(g) == name for g in groups]) for name in names]
        draws = [
            values[np.concatenate([members[i] for i in generator.integers(0, len(names), len(names))])]
            for _ in range(resamples)
        ]
    low, high = np.percentile([statistic(draw) for draw in draws], [2.5, 97.5])
    return Estimate(float(statistic(values)), float(low), float(high), chance, len(values))


def _checked(gold: Sequence[float], predicted: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    gold, predicted = np.asarray(gold, np.float64), np.asarray(predicted, np.float64)
    if gold.shape != predicted.shape or gold.ndim != 1 or not len(gold):
        raise BadInput(f"{gold.shape} true and {predicted.shape} predicted values do not match; give one of each.")
    if not (np.isfinite(gold).all() and np.isfinite(predicted).all()):
        raise BadInput("A ranking cannot be judged with values that are not finite numbers; leave those out.")
    return gold, predicted


def _gains(gold: np.ndarray) -> np.ndarray:
    """2^gold - 1 up to a common factor, which NDCG divides out, so that no unit overflows."""
    top = max(gold.max(), 0.0)
    return np.exp2(gold - top) - np.exp2(-top)


def _discounts(n: int) -> np.ndarray:
    return 1.0 / np.log2(np.arange(2, n + 2))


def _ideal(gains: np.ndarray) -> float:
    ideal = float(np.sort(gains)[::-1] @ _discounts(len(gains)))
    return ideal if ideal else 1.0
