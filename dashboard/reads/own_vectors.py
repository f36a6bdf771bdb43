"""Vectors of a visitor's own, for items of the space: read once, and kept as long as the visit. Nothing is stored."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.reads import data
from fute_core.digest import digest

if TYPE_CHECKING:
    from fute_core.analysis.own_vectors import OwnVectors


@dataclass(frozen=True)
class Brought:
    """A file of vectors. title : what it is called. key : of its content."""

    title: str
    key: str
    own: "OwnVectors"


def read(content: bytes, client_name: str, pair: bool) -> Brought:
    """A Parquet file with a vector a row, and the names of items here. Raises BadInput."""
    from fute_core.analysis.own_vectors import read_vectors
    from fute_core.datasets import uploads

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors.parquet"  # never the name that a client sent
        path.write_bytes(content)
        table = uploads.read(path)
    known = [
        name for i in data.atlas(pair).items for name in (i.embedding.name, f"{i.embedding.kind}:{i.embedding.name}")
    ]
    return Brought(uploads.title_of(client_name), digest([content])[:12], read_vectors(table, known))
