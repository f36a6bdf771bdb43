"""Embedding as a scikit-learn transformer: datasets and black boxes in, calibrated vectors out."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from fute_core.atlas.comparable import shipped_calibrator
from fute_core.embedding.embed import Embeddable, embed
from fute_core.embedding.recipe import DEFAULT_METHOD, Recipe
from fute_core.embedding.requests import DEFAULT_LIMIT
from fute_core.errors import BadInput
from fute_core.space.calibration import Calibrator
from fute_core.space.comparable import check_comparable
from fute_core.space.groups import MODES, Mode
from fute_core.store.store import Store
from fute_core.vectors import TaskEmbedding

CALIBRATIONS = ("atlas", *MODES)


class TaskEmbedder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Turn datasets, prompts and models into calibrated vectors, whose inner products follow their similarities.

    Among datasets, and among prompts and models, they are the similarities. Where only one of two has a Fisher part, as
    a dataset beside a model under "fused", the product is smaller, since a similarity counts what both have: see
    `TaskSpace.cosines`.

    Parameters
    ----------
    method : str or Recipe, default "fused"
        How vectors are made, see `embed`.
    calibration : {"atlas", "kind-arity", "kind", "none"}, default "atlas"
        Where the means come from that are subtracted: the shipped atlas, where the vectors lie in its space, so that
        few items do; or, by kind and arity, by kind, or not at all, the items of `fit`. Vectors outside the atlas's
        space are calibrated by "kind-arity".
    limit : int or None, default 300
        At most so many rows of a dataset, see `embed`.
    store : Store, False or None
        Where vectors are kept, see `embed`.
    progress : bool, default False
        Show a bar for each item.

    Attributes
    ----------
    calibrator_ : Calibrator
        What `transform` applies.
    embeddings_ : tuple of TaskEmbedding
        Those of the items of `fit`.

    Examples
    --------
    >>> import fute_core as fute
    >>> films = fute.Dataset(["fine", "good", "dull", "bad"], [1, 1, 0, 0], name="films")
    >>> trips = fute.Dataset(["to London", "to Rome", "who is it", "who asks"], ["where", "where", "who", "who"])
    >>> vectors = fute.TaskEmbedder("text").fit_transform([films, trips])
    >>> vectors.shape
    (2, 384)
    """

    def __init__(
        self,
        method: str | Recipe = DEFAULT_METHOD,
        *,
        calibration: Literal["atlas"] | Mode = "atlas",
        limit: int | None = DEFAULT_LIMIT,
        store: Store | Literal[False] | None = None,
        progress: bool = False,
    ) -> None:
        self.method = method
        self.calibration = calibration
        self.limit = limit
        self.store = store
        self.progress = progress

    def fit(self, X: Sequence[Embeddable | TaskEmbedding], y: object = None) -> "TaskEmbedder":
        """Embed items and learn the calibration.

        Parameters
        ----------
        X : sequence of length n
            Datasets, prompts, models and the like, as `embed` takes them, or embeddings.
        y : None
            Not used; scikit-learn gives it.

        Returns
        -------
        TaskEmbedder
            This estimator.

        Raises
        ------
        BadInput
            For no items, an unknown calibration, and what `embed` refuses.
        Incomparable
            For embeddings that were not made the same way.
        """
        if self.calibration not in CALIBRATIONS:
            raise BadInput(f"calibration is {self.calibration!r}; give one of {', '.join(map(repr, CALIBRATIONS))}.")
        embeddings = self._embeddings(X)
        check_comparable(embeddings)
        shipped = shipped_calibrator(embeddings[0]) if self.calibration == "atlas" else None
        mode: Mode = "kind-arity" if self.calibration == "atlas" else self.calibration
        self.calibrator_ = shipped or Calibrator(mode).fit(embeddings)
        self.embeddings_ = embeddings
        return self

    def transform(self, X: Sequence[Embeddable | TaskEmbedding]) -> NDArray[np.float32]:
        """Embed items and calibrate their vectors.

        Parameters
        ----------
        X : sequence of length n
            As for `fit`.

        Returns
        -------
        ndarray of float32, shape (n, d)
            Vectors at unit norm, or zero for an item that says nothing.

        Raises
        ------
        NotFittedError
            Before `fit`.
        Incomparable
            For embeddings that were not made as those of `fit`.
        """
        check_is_fitted(self)
        embeddings = self._embeddings(X)
        check_comparable((self.embeddings_[0], *embeddings))
        return self.calibrator_.transform(embeddings)

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Name the numbers of a vector.

        Parameters
        ----------
        input_features : None
            Not used; scikit-learn gives it.

        Returns
        -------
        ndarray of object, shape (d,)
            The name of the block and the place in it, such as "gram_0".
        """
        check_is_fitted(self)
        blocks = self.embeddings_[0].blocks
        return np.array([f"{b.name}_{i}" for b in blocks for i in range(b.stop - b.start)], object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, False
        tags.no_validation = True  # `embed` says what an item lacks
        tags.transformer_tags.preserves_dtype = []
        return tags

    def _embeddings(self, X: Sequence[Embeddable | TaskEmbedding]) -> tuple[TaskEmbedding, ...]:
        if hasattr(X, "__array__"):  # an array, or a Series
            X = list(np.asarray(X))
        if not isinstance(X, (list, tuple)):
            kind = f"a sparse {type(X).__name__}" if hasattr(X, "tocsr") else f"of type {type(X).__name__}"
            raise BadInput(f"X is {kind}; give a list of datasets, prompts, models or embeddings.")
        if not len(X):
            raise BadInput("X is empty; give at least one dataset, prompt, model or embedding.")
        return tuple(item if isinstance(item, TaskEmbedding) else self._embedding(item) for item in X)

    def _embedding(self, item: Embeddable) -> TaskEmbedding:
        return embed(item, method=self.method, limit=self.limit, store=self.store, progress=self.progress)
