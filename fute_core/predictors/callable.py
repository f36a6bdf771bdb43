"""Any Python function as a black box: texts in, label distributions out."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from fute_core.digest import digest
from fute_core.errors import BadInput
from fute_core.tasks import Text

SUM_TOLERANCE = 0.01


class CallablePredictor:
    """A function from n texts to an array (n, k), or to n objects from label to probability.

    labels : names in column order; empty for a regression function that gives (n, 1) scores.
    version : says when the function answers otherwise; without it the source text stands for the function, which can't
        see what the function reads elsewhere.
    """

    def __init__(self, function: Callable[[Sequence[Text]], Any], labels: Sequence[str], *, version: str | None = None):
        self.function = function
        self.labels = tuple(labels)
        self.version = version
        if len(self.labels) == 1:
            raise BadInput(f"One label ({self.labels[0]!r}) is no choice; give at least two, or none for scores.")
        self._identity = version if version is not None else _source(function)

    def predict_proba(self, texts: Sequence[Text]) -> np.ndarray:
        """float32 (n, k). Raises BadInput for an answer of another shape, or rows that are no distribution."""
        name = getattr(self.function, "__name__", type(self.function).__name__)
        given = self.function(texts)
        if len(given) and isinstance(given[0], Mapping):
            given = [self._in_order(name, row) for row in given]
        try:
            out = np.asarray(given, np.float64)
        except (TypeError, ValueError):
            raise BadInput(f"{name} returned what is no array of numbers; return one row of numbers a text.") from None
        shape = (len(texts), max(len(self.labels), 1))
        if out.shape != shape:
            raise BadInput(f"{name} returned shape {out.shape} for {len(texts)} texts; {shape} is needed.")
        if not np.isfinite(out).all():
            raise BadInput(f"{name} returned values that are not finite numbers; return a number for every label.")
        if self.labels:
            if out.min(initial=0) < 0:
                raise BadInput(f"{name} returned negative values; return probabilities, not logits.")
            if np.abs(out.sum(1) - 1).max(initial=0) > SUM_TOLERANCE:
                raise BadInput(f"{name} returned rows that do not sum to 1; normalise them.")
            out /= out.sum(1, keepdims=True)
        return out.astype(np.float32)

    def fingerprint(self) -> str:
        return digest(("callable", self._identity, self.labels))

    def _in_order(self, name: str, row: Mapping[str, float]) -> list[float]:
        if unknown := [label for label in row if label not in self.labels]:
            raise BadInput(f"{name} returned the label {unknown[0]!r}; known are {', '.join(self.labels)}.")
        return [float(row.get(label, 0.0)) for label in self.labels]


def _source(function: Callable) -> str:
    name = getattr(function, "__qualname__", "")
    if "<lambda>" in name or getattr(function, "__closure__", None):
        raise BadInput("This function's answers depend on more than its text; say which it is with version='...'.")
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        raise BadInput("The source of this function cannot be read; say which it is with version='...'.") from None
