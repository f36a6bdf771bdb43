"""Pooled features that an encoder need not compute again: those that were given, and those that are kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.tasks import Text

if TYPE_CHECKING:
    from fute_core.store.store import Store

Compute = Callable[[Sequence[Text]], NDArray[np.float32]]


@dataclass(frozen=True)
class KnownFeatures:
    """Where features are found.

    Parameters
    ----------
    given : tuple of (sequence of n texts, ndarray of float32 of shape (n, hidden)), optional
        Texts with their features, known for these and for as many of the first as are asked for.
    kept : dict of str to ndarray, optional
        What was computed, where no store keeps it; None keeps nothing.
    store : Store, optional
        Keeps what is computed.
    """

    given: tuple[Sequence[Text], NDArray[np.float32]] | None = None
    kept: dict[str, NDArray[np.float32]] | None = None
    store: "Store | None" = None

    def find(self, texts: Sequence[Text], by: tuple[str, int], compute: Compute) -> NDArray[np.float32]:
        """Take features from where they are, or compute and keep them.

        Parameters
        ----------
        texts : sequence of texts, length n
            What is read.
        by : tuple of (str, int)
            The digest of the encoder, and the tokens that it reads of a text.
        compute : callable
            Computes the features of texts.

        Returns
        -------
        ndarray of float32, shape (n, hidden)
            One row for each text.
        """
        if self.given is not None and texts and tuple(texts) == tuple(self.given[0][: len(texts)]):
            return self.given[1][: len(texts)]
        if self.kept is None:
            return compute(texts)
        key = digest(("features", *by, texts))
        if self.store is None:
            if key not in self.kept:
                self.kept[key] = compute(texts)
                self.kept[key].setflags(write=False)  # as what a store gives
            return self.kept[key]
        if (known := self.store.get(key)) is not None:
            stored: NDArray[np.float32] = known[0]["features"]
            return stored
        features = compute(texts)
        self.store.put(key, {"features": features}, {"kind": "features"})
        return features
