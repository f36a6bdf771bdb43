"""Any Python function from texts to label probabilities as a black box."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.predictors.content import function_content
from fute_core.predictors.probabilities import checked_rows, told_of
from fute_core.tasks import Text

FORMAT = 1


class CallablePredictor:
    """A function from a list of texts to one row for each as a black box.

    Parameters
    ----------
    function : callable
        Takes a list of texts, or of (text, text_pair) tuples; gives an array (n, k), or a list of dicts from label to
        probability.
    labels : sequence of str
        One for each column; empty where the function gives one score for each text (regression).
    version : str, optional
        What tells this function from any other, such as "toxicity-api 2026-03"; change it when the answers change. By
        default the function's source stands for it, which a lambda, a method, and a function that reads a model from
        outside cannot offer.

    Raises
    ------
    BadInput
        For what is no function, one label only, and a function that needs a `version`.

    Examples
    --------
    >>> def shouts(texts):
    ...     return [{"calm": float(t != t.upper()), "shout": float(t == t.upper())} for t in texts]
    >>> CallablePredictor(shouts, ["calm", "shout"]).predict_proba(["HELLO"]).tolist()
    [[0.0, 1.0]]
    """

    def __init__(self, function: Callable[[Sequence[Text]], Any], labels: Sequence[str], *, version: str | None = None):
        if not callable(function):
            raise BadInput(f"{function!r} is no function; give one from texts to one row of probabilities a text.")
        self.labels = tuple(map(str, labels))
        if len(set(self.labels)) < len(self.labels) or len(self.labels) == 1:
            raise BadInput("A predictor needs at least two labels, each named once, or none for a score.")
        self._function = function
        self._name = getattr(function, "__qualname__", type(function).__name__)
        known = ("version", version) if version else ("source", function_content(function))
        self._identity = digest(("callable", FORMAT, known, len(self.labels)))

    def fingerprint(self) -> str:
        """Digest of the function's version or source, and of the number of labels.

        Returns
        -------
        str
            The same in every process.
        """
        return self._identity

    def predict_proba(self, texts: Sequence[Text]) -> NDArray[np.float32]:
        """Call the function, and check what it gives.

        Parameters
        ----------
        texts : sequence of str or of (str, str)
            What to ask.

        Returns
        -------
        ndarray of float32, shape (n, k)
            Rows that sum to 1, or (n, 1) scores.

        Raises
        ------
        BadInput
            For rows that are no probabilities of these labels, and for whatever the function raises.
        """
        if not len(texts):
            return np.zeros((0, max(1, len(self.labels))), np.float32)
        with told_of(f"Function {self._name}"):
            rows = self._function(list(texts))
        if isinstance(rows, Sequence) and len(rows) and isinstance(rows[0], Mapping):
            rows = [self._by_label(i, row) for i, row in enumerate(rows)]
        return checked_rows(rows, len(texts), self.labels, f"Function {self._name}")

    def _by_label(self, i: int, row: Mapping[str, float]) -> list[float]:
        if not isinstance(row, Mapping) or set(map(str, row)) != set(self.labels):
            given = ", ".join(map(str, row)) if isinstance(row, Mapping) else type(row).__name__
            raise BadInput(
                f"Function {self._name}, text {i + 1}: the row has {given}; the labels are {', '.join(self.labels)}."
            )
        named = {str(label): value for label, value in row.items()}
        return [named[label] for label in self.labels]
