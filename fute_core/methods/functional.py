"""What a task answers on the space's shared probe texts, whatever its labels are called and however many there are.

Each item gives answers Z (m, k) on m probes: a model its log-probabilities, a dataset the logits of two regularised
linear heads fitted on its rows, one on the surrogate's features and one on letters (`spelling`). With Z centred over
labels and over probes, the Gram matrix K = Z Z^T / ||Z Z^T|| forgets order and number of labels, and the inner product
of two of them is linear CKA (Kornblith et al. 2019). K is written in the basis of the r leading directions of the
surrogate's features of the probes, so that the vector has r (r + 1) / 2 numbers; the share of ||K||^2 that this loses
is in the details as `compression_loss`.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from fute_core.errors import BadInput
from fute_core.methods import Fitted, Observations
from fute_core.methods.heads import fit_head
from fute_core.methods.spelling import spelling_answers
from fute_core.tasks import Block

if TYPE_CHECKING:
    from fute_core.models.encoder import Surrogate

PROBABILITY_FLOOR = 1e-4


@dataclass(frozen=True)
class Functional:
    """Compressed centred Gram matrix of the answers on the probe texts. No backward pass.

    C : inverse regularisation of a dataset's head on unit-variance features.
    rank : r, the directions kept; never more than probes or features.
    spelling : weight of the head that reads letters against 1 for the surrogate's; 0 for the surrogate's alone.
    """

    C: float = 0.003
    rank: int = 384
    spelling: float = 0.5

    name = "functional"
    needs_probes = True
    seeded = False

    def params(self) -> dict[str, Any]:
        return asdict(self)

    def fit(self, surrogate: "Surrogate", observations: Observations) -> Fitted:
        """float32 (r (r + 1) / 2,), unit norm, or zeros for answers that are the same on every probe.

        Raises BadInput without probe texts.
        """
        if not len(observations.probes):
            raise BadInput("The functional method needs probe texts, and none were given.")
        probe_features = surrogate.features(observations.probes)
        answers = self.answers(surrogate, observations)
        vector, loss = compress(answers, probe_basis(probe_features, self.rank))
        block = Block("gram", 0, len(vector), part=self.name)
        return Fitted(vector, (block,), {"compression_loss": round(loss, 4)})

    def answers(self, surrogate: "Surrogate", observations: Observations) -> np.ndarray:
        """Centred answers (m, k) on the probe texts: a model's own, or those of the dataset's heads."""
        if observations.probe_index is not None:
            return model_answers(
                observations.targets, observations.probe_index, len(observations.probes), observations.regression
            )
        features = surrogate.features(observations.texts)
        head = fit_head(features, observations.targets, C=self.C, regression=observations.regression)
        answers = centre(head.logits(surrogate.features(observations.probes)))
        if not self.spelling:
            return answers
        read = spelling_answers(observations.texts, observations.targets, observations.probes, observations.regression)
        return joined(answers, centre(read), self.spelling)


def joined(answers: np.ndarray, others: np.ndarray, weight: float) -> np.ndarray:
    """The mean of two readers' centred answers (m, k), 1 : weight, the second brought to the first's norm."""
    norm = np.linalg.norm(others)
    scale = np.linalg.norm(answers) / norm if norm else 0.0
    return (answers + weight * scale * others) / (1.0 + weight)


def model_answers(targets: np.ndarray, index: np.ndarray, n_probes: int, regression: bool) -> np.ndarray:
    """Centred answers (m, k) of a model; an unanswered probe has zeros, so it says nothing."""
    given = targets if regression else np.log(np.maximum(targets, PROBABILITY_FLOOR))
    answers = np.zeros((n_probes, targets.shape[1]))
    answers[index] = centre(given)
    return answers


def centre(answers: np.ndarray) -> np.ndarray:
    """Answers (m, k) minus their mean over labels (unless there is but one column) and over texts, float64."""
    z = answers.astype(np.float64)
    if z.shape[1] > 1:
        z = z - z.mean(1, keepdims=True)
    return z - z.mean(0)


def log_odds(answers: np.ndarray) -> np.ndarray:
    """Centred log answers (m, k), float64, of label distributions (m, k) on all probe texts; zeros where a row is NaN.

    A single column holds scores, not probabilities, and is taken as it is.
    """
    answered = np.flatnonzero(~np.isnan(answers).any(1))
    return model_answers(answers[answered], answered, len(answers), answers.shape[1] == 1)


def probe_basis(features: np.ndarray, rank: int) -> np.ndarray:
    """Orthonormal (m, r) leading left singular vectors of the centred features (m, d), each with positive skew.

    The sign rule makes vectors from different machines comparable.
    """
    x = features.astype(np.float64)
    u, s, _ = np.linalg.svd(x - x.mean(0), full_matrices=False)
    r = min(rank, int((s > 1e-6 * s[0]).sum()))
    u = u[:, :r]
    return u * np.where((u**3).sum(0) < 0, -1.0, 1.0)


def compress(answers: np.ndarray, basis: np.ndarray) -> tuple[np.ndarray, float]:
    """Unit-norm upper triangle of Q^T Z Z^T Q (off-diagonal times sqrt 2, so dot products stay), and the lost share.

    answers : centred (m, k). basis : orthonormal (m, r).
    """
    z = basis.T @ answers
    gram = z @ z.T
    vector = upper_triangle(gram)
    norm = np.linalg.norm(vector)
    total = np.linalg.norm(answers.T @ answers)
    if norm <= 1e-12 * max(total, 1.0):
        return np.zeros(len(vector), np.float32), 0.0
    return (vector / norm).astype(np.float32), float(1.0 - (norm / total) ** 2)


def upper_triangle(gram: np.ndarray) -> np.ndarray:
    """Symmetric (r, r) as float64 (r (r + 1) / 2,), off-diagonal entries times sqrt 2, so that dot products stay."""
    places, factors = _triangle(len(gram))
    return gram.ravel()[places] * factors


def symmetric(triangle: np.ndarray, r: int) -> np.ndarray:
    """The matrix (r, r) that `upper_triangle` was given."""
    places, factors = _triangle(r)
    half = np.zeros((r, r))
    half.ravel()[places] = triangle / (factors * np.where(factors == 1.0, 2.0, 1.0))
    return half + half.T


@lru_cache(maxsize=4)
def _triangle(r: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of an upper triangle in the flat matrix (r, r), and the factors of its entries."""
    rows, columns = np.triu_indices(r)
    return rows * r + columns, np.where(rows == columns, 1.0, np.sqrt(2.0))
