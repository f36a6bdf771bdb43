"""Fitted scikit-learn pipelines as black boxes."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.content import object_content
from fute_core.predictors.probabilities import checked_rows, told_of
from fute_core.tasks import Text

FORMAT = 1
PairsAs = Literal["tuples", "joined", "columns"]


class SklearnPredictor:
    """A fitted estimator, mostly a pipeline, that reads raw texts.

    Parameters
    ----------
    estimator : sklearn.base.BaseEstimator
        Fitted; a classifier with `predict_proba`, or a regressor.
    labels : sequence of str, optional
        Names of the estimator's `classes_`, in their order; by default the classes' own names. A regressor has none.
    pairs : {"tuples", "joined", "columns"}, default "tuples"
        What the estimator is given for text pairs: (text, text_pair) tuples, both joined by a line break, or an object
        array (n, 2) for a ColumnTransformer.
    version : str, optional
        Stands for the estimator in the fingerprint where a step shows no content. By default its parameters and learned
        arrays are read, which needs no pickle and is the same in every process.

    Raises
    ------
    BadInput
        For an estimator that is not fitted or gives no probabilities, and for labels of another number.
    """

    def __init__(
        self, estimator: Any, labels: Sequence[str] | None = None, *, pairs: PairsAs = "tuples",
        version: str | None = None,
    ):  # fmt: skip
        self._estimator = estimator
        self._pairs = pairs
        self._name = type(estimator).__name__
        _check_fitted(estimator, self._name)
        self._regression = is_regressor(estimator)
        if not self._regression and not hasattr(estimator, "predict_proba"):
            raise BadInput(
                f"{self._name} has no predict_proba; use one that has, or wrap it in CalibratedClassifierCV."
            )
        classes = () if self._regression else tuple(map(str, estimator.classes_))
        self.labels = classes if labels is None else tuple(map(str, labels))
        if len(self.labels) != len(classes):
            raise BadInput(
                f"{self._name} has {len(classes)} classes, and {len(self.labels)} labels are given; name each."
            )
        known = ("version", version) if version else ("content", object_content(estimator))
        self._identity = digest(("sklearn", FORMAT, known, pairs, self._regression))

    def fingerprint(self) -> str:
        """Digest of the estimator's version or content, and of how it reads pairs.

        Returns
        -------
        str
            The same in every process.
        """
        return self._identity

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Ask the estimator.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to ask.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1, or (n, 1) predictions of a regressor.

        Raises
        ------
        BadInput
            For rows that are no probabilities, and for whatever the estimator raises.
        """
        if not len(texts):
            return np.zeros((0, max(1, len(self.labels))), np.float32)
        answer = self._estimator.predict if self._regression else self._estimator.predict_proba
        with told_of(self._name):
            rows = answer(self._given(texts))
        return checked_rows(rows, len(texts), self.labels, self._name)

    def _given(self, texts: Sequence[Text]) -> Any:
        if isinstance(texts[0], str) or self._pairs == "tuples":
            return list(texts)
        return ["\n".join(pair) for pair in texts] if self._pairs == "joined" else np.array(texts, object)


def _check_fitted(estimator: Any, name: str) -> None:
    try:
        check_is_fitted(estimator)
    except NotFittedError:
        raise BadInput(f"{name} is not fitted; call fit on labelled texts first.") from None
    except TypeError:
        raise BadInput(f"{name} is no scikit-learn estimator; wrap a function in CallablePredictor instead.") from None
