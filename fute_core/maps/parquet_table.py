"""A space as one Parquet table, which Embedding Atlas opens as it is, and so does any data frame."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.maps.facts import fact_columns
from fute_core.space.all_pairs import nearest_of_all

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace

MARK = b"task_atlas"
"""Key of the schema's metadata: how the table was made, and that it is one of these."""
FORMAT = 1


def parquet_table(
    space: "TaskSpace", facts: Sequence[Mapping[str, Any]] | None, coordinates: NDArray[np.float32],
    axes: NDArray[np.float32], neighbours: int, made: Mapping[str, Any],
) -> bytes:  # fmt: skip
    """Write a table with a row an item, in the order of the space.

    Beside the columns of `fact_columns` it has x and y; `neighbors` with the row numbers (from 0) of the most similar
    others and 1 less their similarity, the nearest first, and `neighbor_similarities`; `vector`, the places on the
    leading axes; `factor`, the whitened factor U (r, k) of the item's Gram matrix U U^T at unit norm, row by row,
    before the mean of its group is taken away, and `factor_k`, both null for methods without answers.

    Parameters
    ----------
    space : TaskSpace
        The n items.
    facts : sequence of mapping, length n, optional
        For `fact_columns`.
    coordinates : ndarray of float32, shape (n, 2)
        Places on the map.
    axes : ndarray of float32, shape (n, dim)
        Places on the leading axes.
    neighbours : int
        How many are listed at most.
    made : mapping
        What else to note in the schema's metadata, as JSON values.

    Returns
    -------
    bytes
        The file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    known = fact_columns(space, facts)
    near, similarities = nearest_of_all(space.placed, neighbours)
    neighbors = [
        {"ids": ids, "distances": distances}
        for ids, distances in zip(near.tolist(), np.clip(1.0 - similarities, 0.0, 2.0).tolist(), strict=True)
    ]
    factors = _factors(space)
    texts = ("name", "kind", "family", "method", "surrogate", "key")
    numbers = pa.list_(pa.float32())
    columns = {
        "id": pa.array(known["id"], pa.string()),
        **{name: pa.array(known[name], pa.string()) for name in texts[:-1]},
        "n_texts": pa.array(known["n_texts"], pa.int64()),
        "labels": pa.array(known["labels"], pa.list_(pa.string())),
        "skill": pa.array(known["skill"], pa.float64()),
        "accuracy": pa.array(known["accuracy"], pa.float64()),
        "key": pa.array(known["key"], pa.string()),
        "x": pa.array(coordinates[:, 0].astype(np.float64)),
        "y": pa.array(coordinates[:, 1].astype(np.float64)),
        "neighbors": pa.array(neighbors, pa.struct([("ids", pa.list_(pa.int64())), ("distances", numbers)])),
        "neighbor_similarities": pa.array(list(similarities), numbers),
        "vector": pa.FixedSizeListArray.from_arrays(pa.array(axes.ravel(), pa.float32()), axes.shape[1]),
        "factor": pa.array([None if u is None else u.ravel() for u in factors], numbers),
        "factor_k": pa.array([None if u is None else u.shape[1] for u in factors], pa.int32()),
    }
    noted = {"format": FORMAT, "calibration": space.calibrator.mode, "space": space.embeddings[0].space(), **made}
    table = pa.table(columns).replace_schema_metadata({MARK: json.dumps(noted)})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def is_parquet_table(path: Path) -> bool:
    """Tell whether a file is a table that was written here.

    Parameters
    ----------
    path : Path
        Any file or folder that is there.

    Returns
    -------
    bool
        False for anything else, readable or not.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return MARK in (pq.read_schema(path).metadata or {})
    except (pa.ArrowException, OSError, ValueError):
        return False


def _factors(space: "TaskSpace") -> list[NDArray[np.float32] | None]:
    """The whitened factor (r, k) of each item, None for methods without answers."""
    return [
        None if e.factor is None else u.astype(np.float32)
        for e, u in zip(space.embeddings, space.placed.factors(), strict=True)
    ]
