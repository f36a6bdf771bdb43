"""Rows of Parquet files, with the names of classes that the `datasets` library writes into them.

The column in which pandas keeps the index of a table is none of the user's and is left out.
"""

import json
import re
from pathlib import Path

from fute_core.datasets.files import MAX_FILE_BYTES, Row, check_count
from fute_core.errors import BadInput

PANDAS_INDEX = re.compile(r"__index_level_\d+__")


def parquet_rows(path: Path) -> tuple[tuple[str, ...], list[Row]]:
    """Read all rows of a Parquet file. A number of a class becomes the name of the class, or None where it has none.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    columns : tuple of str
        Every column but an index of pandas, in the order of the file.
    rows : list of dict
        Values by column, at least one row.

    Raises
    ------
    BadInput
        For what is no Parquet file, has two columns of one name, no rows or too many, or is over `MAX_FILE_BYTES` once
        unpacked.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: list[Row] = []
    size = 0
    try:
        with pq.ParquetFile(path) as file:
            check_count(path, file.metadata.num_rows)
            columns = tuple(name for name in file.schema_arrow.names if not PANDAS_INDEX.fullmatch(name))
            if double := next((name for name in columns if columns.count(name) > 1), None):
                raise BadInput(f"{path.name} has two columns called {double!r}; rename one.")
            names = _class_names(file.schema_arrow.metadata or {})
            for batch in file.iter_batches(batch_size=1024):
                size += batch.nbytes
                if size > MAX_FILE_BYTES:
                    raise BadInput(
                        f"{path.name} holds over {MAX_FILE_BYTES / 1e6:.0f} MB once unpacked; "
                        "give a sample of its rows, or its text and label columns alone."
                    )
                rows += batch.select(columns).to_pylist(maps_as_pydicts="strict")
    except BadInput:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadInput(
            f"{path.name} is not a readable Parquet file ({type(error).__name__}); write it again."
        ) from None
    if not rows:
        raise BadInput(f"{path.name} has no rows; add some.")
    for column, of_class in names.items():
        for row in rows:
            value = row.get(column)
            row[column] = of_class[value] if isinstance(value, int) and 0 <= value < len(of_class) else None
    return columns, rows


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Names of the classes behind integer columns, where the `datasets` library has written them into the schema."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {name: list(f["names"]) for name, f in features.items() if f.get("_type") == "ClassLabel"}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
