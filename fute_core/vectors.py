"""Task embeddings as plain frozen dataclasses: points of the unified space, their blocks and how they were made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.digest import digest
from fute_core.display import Shown, counted, named
from fute_core.gram import joined_vector, triangle_length
from fute_core.tasks import Kind


@dataclass(frozen=True)
class Block:
    """A slice of a vector that is calibrated by itself, for example one layer.

    Parameters
    ----------
    name : str
        What it is of.
    start, stop : int
        `vector[start:stop]`.
    part : str
        The method that made it ("fisher", "functional"); parts are weighted against one another by `weight`.
    weight : float, default 1.0
        Weight of its part.
    log : bool, default False
        Values span orders of magnitude, so calibration takes their logarithm (Fisher).
    """

    name: str
    start: int
    stop: int
    part: str
    weight: float = 1.0
    log: bool = False


@dataclass(frozen=True)
class Provenance:
    """Everything needed to recompute an embedding, and to refuse a comparison that means nothing.

    Parameters
    ----------
    surrogate, surrogate_digest : str
        The encoder, and a digest of its weights.
    method : str
        How the vector was made.
    params : mapping
        Options of the method.
    data : str
        Fingerprint of the dataset or model.
    n_texts : int
        Texts that were read.
    pair : bool
        Texts are pairs.
    seed : int
        Of the method.
    n_truncated : int, default 0
        Texts cut by their reader, which is the surrogate for a dataset and the black box for a model.
    probes : str
        Identity of the probe texts; empty for methods that need none.
    versions : mapping of str to str
        Versions of the libraries.
    created : str
        When, in ISO form.
    seconds : float
        How long it took.
    details : mapping
        Remarks of method and pipeline.
    """

    surrogate: str
    surrogate_digest: str
    method: str
    params: Mapping[str, Any]
    data: str
    n_texts: int
    pair: bool
    seed: int
    n_truncated: int = 0
    probes: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    created: str = ""
    seconds: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)

    def space(self) -> dict[str, Any]:
        """Tell what must be equal for two embeddings to be compared, as a flat dict that an error can name.

        Returns
        -------
        dict
            Surrogate, digest of its weights, method, digest of the method's parameters, and probe texts.
        """
        return {
            "surrogate": self.surrogate,
            "surrogate weights": self.surrogate_digest,
            "method": self.method,
            "method parameters": self._params_digest,
            "probe texts": self.probes,
        }

    @cached_property
    def _params_digest(self) -> str:
        try:
            return _digest_of(json.dumps(self.params, sort_keys=True))
        except TypeError:  # of what no JSON holds
            return digest(self.params)


@lru_cache(maxsize=256)
def _digest_of(text: str) -> str:
    """Digest of what a JSON text says: thousands of vectors share their options."""
    return digest(json.loads(text))


@dataclass(frozen=True, repr=False)
class TaskEmbedding(Shown):
    """A point of the unified space: a DTE (kind "dataset") or an MTE (kind "model" or "prompt").

    Parameters
    ----------
    name : str
        What it is called.
    kind : {"dataset", "model", "prompt"}
        What it is of.
    values : ndarray of float32, shape (v,)
        All numbers that are no Gram matrix of answers; v is set by surrogate and method alone.
    blocks : tuple of Block
        Slices of `vector`; the first is the Gram matrix where there is a factor.
    key : str
        The store key: digest of everything that changes the vector and of nothing else.
    provenance : Provenance
        How it was made.
    family : str, optional
        The job that it does, as far as known.
    factor : ndarray of float32, shape (r, k), optional
        F of the Gram matrix F F^T of answers, which has unit norm; r is set by surrogate and method, k is at most the
        labels less one, and 0 for answers that are all alike. None for methods without answers.

    Examples
    --------
    >>> import fute_core as fute
    >>> shipped = fute.open_atlas(store=False).items[0].embedding
    >>> shipped.kind, shipped.provenance.method, shipped.factor.shape, shipped.vector.shape
    ('dataset', 'fused', (383, 1), (115008,))
    """

    name: str
    kind: Kind
    values: NDArray[np.float32]
    blocks: tuple[Block, ...]
    key: str
    provenance: Provenance
    family: str | None = None
    factor: NDArray[np.float32] | None = None

    @property
    def vector(self) -> NDArray[np.float32]:
        """The whole as one vector, float32 (d,): the unfolded Gram matrix, then `values`. Made anew at every call."""
        return joined_vector(self.factor, self.values)

    @property
    def length(self) -> int:
        """Length d of `vector`, without making it."""
        return len(self.values) + (0 if self.factor is None else triangle_length(len(self.factor)))

    @property
    def value_blocks(self) -> tuple[Block, ...]:
        """The blocks of `values`, as slices of `values`."""
        return self.blocks if self.factor is None else after_gram(self.blocks)

    @property
    def language_model(self) -> str:
        """The language model that a prompt was put to, by its name; empty for all else."""
        return str(self.provenance.details.get("language_model", ""))

    @property
    def gram_block(self) -> Block | None:
        """The block of the Gram matrix; None where there is none."""
        return None if self.factor is None else self.blocks[0]

    def space(self) -> dict[str, Any]:
        """Tell what must be equal for two embeddings to be compared.

        Returns
        -------
        dict
            See `Provenance.space`.
        """
        return self.provenance.space()

    def _title(self) -> str:
        return f"Embedding of {self.kind} {named(self.name)}"

    def _facts(self) -> dict[str, str]:
        made = self.provenance
        texts = counted(made.n_texts, "pair of texts", "pairs of texts") if made.pair else counted(made.n_texts, "text")
        facts = {"method": made.method, "surrogate": made.surrogate, "read": texts}
        facts["numbers"] = f"{self.length:,}"
        return facts | ({"family": self.family} if self.family else {})


@lru_cache(maxsize=64)
def after_gram(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Give the blocks behind a Gram matrix as slices of what lies behind it.

    Parameters
    ----------
    blocks : tuple of Block
        The first is the Gram matrix.

    Returns
    -------
    tuple of Block
        The others, moved to 0.
    """
    gram, *others = blocks
    return tuple(replace(b, start=b.start - gram.stop, stop=b.stop - gram.stop) for b in others)


@lru_cache(maxsize=16)
def silent_values(length: int) -> NDArray[np.float32]:
    """Give the values of what says nothing beside its answers: the same array for all, so that it costs nothing.

    Parameters
    ----------
    length : int
        How many.

    Returns
    -------
    ndarray of float32, shape (length,)
        Zeros, read-only.
    """
    zeros = np.zeros(length, np.float32)
    zeros.flags.writeable = False
    return zeros


def is_shared_silence(values: NDArray[np.floating]) -> bool:
    """Tell whether values are those of `silent_values`, without looking at each.

    Parameters
    ----------
    values : ndarray of float, shape (v,)
        What lies beside a Gram matrix.

    Returns
    -------
    bool
        False also for other zeros.
    """
    return values is silent_values(len(values))


def all_finite(values: NDArray[np.floating], factor: NDArray[np.floating] | None) -> bool:
    """Tell whether all numbers of an embedding are finite.

    Parameters
    ----------
    values : ndarray of float, shape (v,)
        What lies beside a Gram matrix.
    factor : ndarray of float, shape (r, k), or None
        Of the Gram matrix.

    Returns
    -------
    bool
        False with any NaN or infinity.
    """
    return bool(
        (is_shared_silence(values) or np.isfinite(values).all()) and (factor is None or np.isfinite(factor).all())
    )
