"""Names and embeddings as they lie in the store, read back only where every value has its declared type."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fute_core.declared import checked
from fute_core.digest import digest
from fute_core.gram import factor_of, symmetric, triangle_length
from fute_core.store.values import Value
from fute_core.tasks import Kind
from fute_core.vectors import Block, Provenance, TaskEmbedding, all_finite, is_shared_silence, silent_values


@dataclass(frozen=True)
class Header:
    """A named embedding without its numbers: what a list shows.

    Parameters
    ----------
    name : str
        The name that the user gave.
    kind : {"dataset", "model", "prompt"}
        What was embedded.
    family : str or None
        Kind of task, where it is known.
    key : str
        Where the vector lies in the section "embeddings".
    dim : int
        Length of the vector.
    provenance : Provenance
        How the vector was made.
    """

    name: str
    kind: Kind
    family: str | None
    key: str
    dim: int
    provenance: Provenance

    def space(self) -> dict[str, Any]:
        """Tell what must be equal for two embeddings to be compared.

        Returns
        -------
        dict
            The same as `TaskEmbedding.space` of the named vector.
        """
        return self.provenance.space()

    @property
    def entry(self) -> str:
        """Key in the section "names": a name of a kind is unique within its space."""
        return digest((self.name, self.kind, self.space()))


def header_of(named: TaskEmbedding | Header) -> Header:
    """Make the header of an embedding.

    Parameters
    ----------
    named : TaskEmbedding or Header
        A header is returned as it is.

    Returns
    -------
    Header
        The embedding's name, kind, family, key, length and provenance.
    """
    if isinstance(named, Header):
        return named
    return Header(named.name, named.kind, named.family, named.key, named.length, named.provenance)


def known_as(header: Header) -> tuple[object, ...]:
    """Tell what a name says of its vector.

    Parameters
    ----------
    header : Header
        The name.

    Returns
    -------
    tuple
        Key, family and names of labels; the latter are no part of a dataset's key.
    """
    return header.key, header.family, header.provenance.details.get("labels")


def under(header: Header, embedding: TaskEmbedding) -> TaskEmbedding:
    """Put an embedding under a name, which may have other names of labels for it.

    Parameters
    ----------
    header : Header
        The name.
    embedding : TaskEmbedding
        Its vector.

    Returns
    -------
    TaskEmbedding
        What both say of how it was made is held once: there may be many of them.
    """
    made = header.provenance if header.provenance == embedding.provenance else embedding.provenance
    labels = header.provenance.details.get("labels")
    if labels is not None and labels != made.details.get("labels"):
        made = replace(made, details={**made.details, "labels": labels})
    return replace(embedding, name=header.name, kind=header.kind, family=header.family, provenance=made)


def read_header(value: Value | None) -> Header | None:
    """Read a value of the section "names".

    Parameters
    ----------
    value : (dict, dict) or None
        What the store returned.

    Returns
    -------
    Header or None
        None where the value is missing, or has other fields or types than a header of this version.
    """
    if value is None:
        return None
    try:
        return checked(Header(**{**value[1], "provenance": checked(Provenance(**value[1]["provenance"]))}))
    except (TypeError, KeyError):
        return None


def read_embedding(value: Value | None) -> TaskEmbedding | None:
    """Read a value of the section "embeddings".

    Parameters
    ----------
    value : (dict, dict) or None
        What the store returned.

    Returns
    -------
    TaskEmbedding or None
        None where the value is missing, has other fields or types than an embedding of this version, or holds numbers
        that are not finite.
    """
    if value is None:
        return None
    arrays, meta = value
    try:
        blocks = _blocks(tuple(tuple(block.items()) for block in meta["blocks"]))
        factor, values = _numbers(arrays, blocks)
        meta = {**meta, "blocks": blocks, "provenance": checked(Provenance(**meta["provenance"]))}
        factor, values = None if factor is None else _by_itself(factor), _by_itself(values)
        embedding = checked(TaskEmbedding(values=values, factor=factor, **meta))
        return embedding if all_finite(values, factor) else None
    except (TypeError, KeyError, ValueError, IndexError, AttributeError):
        return None


def embedding_value(embedding: TaskEmbedding) -> Value:
    """Write an embedding as a value of the section "embeddings".

    Parameters
    ----------
    embedding : TaskEmbedding
        Any.

    Returns
    -------
    tuple of (dict, dict)
        Arrays "factor" and "values", each only where it has something to say; and everything else.
    """
    arrays = {} if embedding.factor is None else {"factor": embedding.factor}
    if embedding.factor is None or embedding.values.any():
        arrays["values"] = embedding.values
    meta = {name: value for name, value in asdict(embedding).items() if name not in ("factor", "values")}
    return arrays, meta


@lru_cache(maxsize=256)
def _blocks(items: tuple[tuple[tuple[str, Any], ...], ...]) -> tuple[Block, ...]:
    """The blocks of a vector, checked; all vectors of one method share them."""
    return tuple(checked(Block(**dict(block))) for block in items)


def _numbers(
    arrays: Mapping[str, NDArray[Any]], blocks: tuple[Block, ...]
) -> tuple[NDArray[np.float32] | None, NDArray[np.float32]]:
    """Factor and values; until version 0.1 a Gram matrix lay unfolded at the head of one vector."""
    if "vector" in arrays:
        vector = arrays["vector"]
        if vector.ndim != 1 or (blocks and len(vector) != blocks[-1].stop):
            raise ValueError("the vector has another length than its blocks say")
        if not np.isfinite(vector).all():  # folding could lose a number that is not finite
            raise ValueError("the vector has numbers that are not finite")
        if not (blocks and blocks[0].name == "gram"):
            return None, vector
        end = blocks[0].stop
        folded = factor_of(symmetric(vector[:end])).astype(np.float32)
        return folded, vector[end:] if vector[end:].any() else silent_values(len(vector) - end)
    factor: NDArray[Any] | None = arrays.get("factor", None)
    expected = blocks[-1].stop - (0 if factor is None else blocks[0].stop)
    values = arrays["values"] if "values" in arrays or factor is None else silent_values(expected)
    if values.shape != (expected,) or (factor is not None and _misfit(factor, blocks)):
        raise ValueError("the numbers have other sizes than their blocks say")
    return factor, values


def _by_itself(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same numbers without the value that they lay in, which is half as large again."""
    if is_shared_silence(array):
        return array
    own = array.copy()
    own.flags.writeable = False
    return own


def _misfit(factor: NDArray[Any], blocks: tuple[Block, ...]) -> bool:
    return factor.ndim != 2 or triangle_length(len(factor)) != blocks[0].stop
