"""What a similarity means: how many pairs known to do different jobs reach it, and how sure it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fute_core.calibration import Calibrator
from fute_core.methods.functional import log_odds, symmetric
from fute_core.tasks import Block, TaskEmbedding

if TYPE_CHECKING:
    from fute_core.space import TaskSpace

DRAWS = 200
LEVEL = 0.95


@dataclass(frozen=True)
class Scale:
    """Sorted similarities of reference pairs whose families differ, by pair of kinds ("dataset prompt")."""

    null: Mapping[str, np.ndarray]

    def share(self, kind_a: str, kind_b: str, cosine: float) -> float:
        """Share of different-job pairs of these kinds at least as similar, 0 to 1; NaN where there are none."""
        known = self.null.get(_pair(kind_a, kind_b), np.empty(0))
        if not len(known):
            return float("nan")
        return float(1.0 - np.searchsorted(known, cosine, side="left") / len(known))


def fit_scale(space: "TaskSpace", members: Sequence[int] | None = None) -> Scale:
    """The scale of a space, from its items at `members` (all): every pair with two known families that differ."""
    index = np.arange(len(space)) if members is None else np.asarray(members, int)
    cosines = space.vectors[index] @ space.vectors[index].T
    return Scale(different_jobs([space.embeddings[i] for i in index], cosines))


def different_jobs(items: Sequence[TaskEmbedding], cosines: np.ndarray) -> dict[str, np.ndarray]:
    """Sorted cosines (n, n) of every pair with two known families that differ, by pair of kinds."""
    found: dict[str, list[float]] = {}
    for i, one in enumerate(items):
        for j in range(i):
            other = items[j]
            if one.family and other.family and one.family != other.family:
                found.setdefault(_pair(one.kind, other.kind), []).append(float(cosines[i, j]))
    return {pair: np.sort(np.array(values)) for pair, values in found.items()}


def _pair(a: str, b: str) -> str:
    return " ".join(sorted((a, b)))


@dataclass(frozen=True)
class Resampled:
    """One item's calibrated Gram part under resampled probe texts. factors : float64 (draws, r, k), unit-norm Grams."""

    factors: np.ndarray
    group: str


class Bootstrap:
    """Similarities under resampled probe texts, from answers alone: no model is asked and nothing is fitted again.

    Probe texts are drawn with replacement, the same draws for every item, so that differences are paired. Only the
    part of a vector that is a Gram matrix of answers moves; parts from a dataset's own rows stay.

    basis : float64 (m, r) of the probe texts, see `methods.functional.probe_basis`.
    """

    def __init__(
        self, calibrator: Calibrator, basis: np.ndarray, blocks: Sequence[Block], draws: int = DRAWS, seed: int = 0
    ):
        self.calibrator = calibrator
        self.basis = basis
        self.block = next(b for b in blocks if b.name == "gram")
        rng = np.random.default_rng(seed)
        m = len(basis)
        self.weights = rng.multinomial(m, np.full(m, 1.0 / m), size=draws).astype(np.float64)
        r = basis.shape[1]
        self.whitening = calibrator.whitening.get("gram", np.eye(r))
        part = slice(self.block.start, self.block.stop)
        self._means = {group: symmetric(mean[part], r) for group, mean in calibrator.means_.items()}

    def resample(self, answers: np.ndarray, group: str) -> Resampled:
        """answers : label distributions (m, k), rows of NaN where there is no answer; scores where k is 1."""
        z = log_odds(answers)
        left = self.whitening @ self.basis.T
        factors = np.einsum("rm,bm,mk->brk", left, self.weights, z, optimize=True)
        norms = np.linalg.norm(np.einsum("brk,brl->bkl", factors, factors, optimize=True), axis=(1, 2))
        factors /= np.sqrt(np.maximum(norms, 1e-12))[:, None, None]
        return Resampled(factors, group if group in self._means else next(iter(self._means), ""))

    def cosines(self, one: Resampled, other: Resampled) -> np.ndarray:
        """Cosine of the two Gram parts in every draw, float64 (draws,)."""
        product = self._inner(one, other)
        return product / np.sqrt(np.maximum(self._inner(one, one) * self._inner(other, other), 1e-24))

    def _inner(self, one: Resampled, other: Resampled) -> np.ndarray:
        a, b = one.factors, other.factors
        together = (np.einsum("brk,brl->bkl", a, b, optimize=True) ** 2).sum((1, 2))
        if not self._means:
            return together
        m_one, m_other = self._means[one.group], self._means[other.group]
        return together - self._with_mean(a, m_other) - self._with_mean(b, m_one) + float((m_one * m_other).sum())

    @staticmethod
    def _with_mean(factors: np.ndarray, mean: np.ndarray) -> np.ndarray:
        return np.einsum("brk,rs,bsk->b", factors, mean, factors, optimize=True)


def interval(cosine: float, draws: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Bootstrap interval around a cosine: the draws' spread about their own mean, since resampling adds noise."""
    spread = np.quantile(draws - draws.mean(), [(1 - level) / 2, (1 + level) / 2])
    return float(max(cosine + spread[0], -1.0)), float(min(cosine + spread[1], 1.0))
