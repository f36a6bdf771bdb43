"""A fitted scikit-learn classifier or pipeline as a black box."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.tasks import Text


class SklearnPredictor:
    """A fitted estimator with `predict_proba` over texts (pairs come as tuples).

    labels : names in the order of the estimator's classes; by default the classes themselves.
    """

    def __init__(self, estimator: Any, labels: Sequence[str] | None = None):
        if not hasattr(estimator, "predict_proba"):
            raise BadInput(f"{type(estimator).__name__} has no predict_proba; wrap it in CalibratedClassifierCV.")
        classes = getattr(estimator, "classes_", None)
        if classes is None:
            raise BadInput(f"{type(estimator).__name__} is not fitted; call fit first.")
        self.estimator = estimator
        self.labels = tuple(str(c) for c in classes) if labels is None else tuple(labels)
        if len(self.labels) != len(classes):
            raise BadInput(f"{len(self.labels)} labels were given for {len(classes)} classes; give one a class.")

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        """float32 (n, k)."""
        return np.asarray(self.estimator.predict_proba(list(texts)), np.float32)

    def fingerprint(self) -> str:
        """Digest of the fitted estimator's content, learnt arrays and parameters alike."""
        import joblib

        return digest(("sklearn", joblib.hash(self.estimator)))
