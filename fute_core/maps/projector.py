"""A space as the files of the Embedding Projector of TensorFlow and of TensorBoard."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from fute_core.maps.facts import fact_columns

if TYPE_CHECKING:
    from fute_core.space.space import TaskSpace

TENSOR = "Task Atlas"
VECTORS, METADATA = "vectors.tsv", "metadata.tsv"
PAGE, BOARD = "projector_config.json", "projector_config.pbtxt"
"""What the projector's own page reads, and what TensorBoard reads of its --logdir."""


def projector_files(
    space: "TaskSpace", facts: Sequence[Mapping[str, Any]] | None, axes: NDArray[np.float32]
) -> dict[str, bytes]:
    """Write vectors, what is known of them, and where both are.

    Parameters
    ----------
    space : TaskSpace
        The n items.
    facts : sequence of mapping, length n, optional
        For `fact_columns`, which are the columns of the metadata.
    axes : ndarray of float32, shape (n, dim)
        Places on the leading axes.

    Returns
    -------
    dict of str to bytes
        Files by name. A line is an item in any case: tabs and line breaks in names become spaces.
    """
    known = fact_columns(space, facts)
    known["labels"] = [", ".join(labels) for labels in known["labels"]]
    # The projector cuts white space off both ends of a line, so neither the first cell nor the last may be empty.
    known["name"] = [name if name.split() else id_ for name, id_ in zip(known["name"], known["id"], strict=True)]
    rows = [list(known), *zip(*known.values(), strict=True)]
    config = {
        "tensorName": TENSOR, "tensorShape": list(axes.shape), "tensorPath": VECTORS, "metadataPath": METADATA
    }  # fmt: skip
    board = f'embeddings {{\n  tensor_name: "{TENSOR}"\n  tensor_path: "{VECTORS}"\n  metadata_path: "{METADATA}"\n}}\n'
    return {
        VECTORS: "".join("\t".join(f"{v:.6g}" for v in row) + "\n" for row in axes.tolist()).encode(),
        METADATA: "".join("\t".join(map(_cell, row)) + "\n" for row in rows).encode(),
        BOARD: board.encode(),
        PAGE: (json.dumps({"embeddings": [config]}, indent=2) + "\n").encode(),
    }


def is_projector_folder(folder: Path) -> bool:
    """Tell whether the projector's files in a folder were written here.

    Parameters
    ----------
    folder : Path
        A folder.

    Returns
    -------
    bool
        False where they were not, or where there are none.
    """
    try:
        return bool(json.loads((folder / PAGE).read_text("utf-8"))["embeddings"][0]["tensorName"] == TENSOR)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _cell(value: Any) -> str:
    """One line without tabs, whatever white space there was."""
    return "" if value is None else " ".join(str(value).split())
