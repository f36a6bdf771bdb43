"""Rows of Parquet files, with the names of classes that the `datasets` library writes into them.

A file is judged by what its metadata say, and by the lengths of its texts while they still are references to a
dictionary, before any row becomes an object. The column in which pandas keeps the index of a table is none of the
user's and is left out, and so are columns of bytes and of long lists: no text or label is in them.
"""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fute_core.datasets.files import MAX_FILE_BYTES, MAX_LINE_BYTES, Row, check_count
from fute_core.errors import BadInput

PANDAS_INDEX = re.compile(r"__index_level_\d+__")
ASK_SIZES = """
import json, sys
from pyarrow.parquet import read_metadata

metadata = read_metadata(sys.argv[1])
groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
parts = [group.column(j) for group in groups for j in range(group.num_columns)]
print(json.dumps([(p.path_in_schema, p.total_uncompressed_size, p.num_values) for p in parts]))
"""
MAX_LISTED = 2_000_000
"""Numbers in the lists of a column, such as vectors; each becomes an object."""


def parquet_rows(path: Path) -> tuple[tuple[str, ...], list[Row], tuple[int, ...], tuple[str, ...]]:
    """Read all rows of a Parquet file. A number of a class becomes the name of the class, or None where it has none.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    columns : tuple of str
        Every column that is read, in the order of the file.
    rows : list of dict
        Values by column, at least one row.
    lines : tuple of int
        None: a Parquet file has no lines.
    notes : tuple of str
        Which columns were left out.

    Raises
    ------
    BadInput
        For what is no Parquet file, has two columns of one name, no rows or too many, a text that is too long, or is
        over `MAX_FILE_BYTES` once unpacked.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            check_count(path, file.metadata.num_rows)
            schema = file.schema_arrow
            names = [name for name in schema.names if not PANDAS_INDEX.fullmatch(name)]
            if double := next((name for name in names if names.count(name) > 1), None):
                raise BadInput(f"{path.name} has two columns called {double!r}; rename one.")
            sizes = _sizes(path)
            columns = [name for name in names if not _is_aside(schema.field(name).type, sizes.get(name, (0, 0))[1])]
            _check_unpacked(path, sum(sizes.get(name, (0, 0))[0] for name in columns))
            classes = _class_names(schema.metadata or {})
        texts = [name for name in columns if _is_text(schema.field(name).type)]
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            _check_texts(path, file, texts)
            rows: list[Row] = [{} for _ in range(file.metadata.num_rows)]
            for name in columns:
                for row, value in zip(rows, _values(file, name, classes.get(name), sizes), strict=True):
                    row[name] = value
    except BadInput:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadInput(
            f"{path.name} is not a readable Parquet file ({type(error).__name__}); write it again."
        ) from None
    if not rows:
        raise BadInput(f"{path.name} has no rows; add some.")
    aside = [name for name in names if name not in columns]
    notes = (f"{path.name}: columns of bytes or of long lists are not read: {', '.join(map(repr, aside))}.",)
    return tuple(columns), rows, (), notes if aside else ()


def _sizes(path: Path) -> dict[str, tuple[int, int]]:
    """For each column its bytes once unpacked and its values, of all parts and row groups.

    They are asked in a process of its own: where what a file says of a column is damaged, pyarrow 26 ends the process
    without an error. Raises ValueError then.
    """
    asked = [sys.executable, "-P", "-c", ASK_SIZES, str(path.absolute())]
    done = subprocess.run(asked, capture_output=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise ValueError("what the file says of its columns is damaged")
    found: dict[str, tuple[int, int]] = {}
    for whole, size, values in json.loads(done.stdout):
        name = whole.split(".")[0]
        known = found.get(name, (0, 0))
        found[name] = (known[0] + size, known[1] + values)
    return found


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_aside(kind: Any, values: int) -> bool:
    """Whether a column can hold neither text nor label: bytes, also inside objects, and long lists."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return any(_is_aside(kind.field(i).type, values) for i in range(kind.num_fields))
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return True
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return listed and values > MAX_LISTED


def _check_unpacked(path: Path, size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise BadInput(
            f"{path.name} holds {size / 1e6:,.0f} MB once unpacked, and over {MAX_FILE_BYTES / 1e6:.0f} MB are not "
            "read; give a sample of its rows, or its text and label columns alone."
        )


def _check_texts(path: Path, file: Any, names: Sequence[str]) -> None:
    """Add up the lengths of texts by their references, since a short dictionary may stand for a huge column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    total = 0
    for name in names:
        for part in file.read(columns=[name]).column(0).chunks:
            by_reference = pa.types.is_dictionary(part.type)
            lengths = pc.binary_length(part.dictionary if by_reference else part)
            if (longest := pc.max(lengths).as_py() or 0) > MAX_LINE_BYTES:
                raise BadInput(
                    f"{path.name}, column {name!r} has a text of {longest / 1e6:,.1f} MB, and over "
                    f"{MAX_LINE_BYTES / 1e6:.0f} MB are not read; cut it."
                )
            total += pc.sum(pc.take(lengths, part.indices.drop_null()) if by_reference else lengths).as_py() or 0
            _check_unpacked(path, total)


def _values(file: Any, name: str, classes: list[str] | None, sizes: dict[str, tuple[int, int]]) -> list[Any]:
    """One column as objects; equal texts of a dictionary are one object, and nested ones are read in small parts."""
    import pyarrow as pa

    kind = file.schema_arrow.field(name).type
    found: list[Any] = []
    if pa.types.is_nested(kind):
        n = max(1, min(1024, MAX_FILE_BYTES // max(sizes.get(name, (1, 1))[0], 1)))
        for batch in file.iter_batches(batch_size=n, columns=[name]):
            found += batch.column(0).to_pylist(maps_as_pydicts="strict")
        return found
    for part in file.read(columns=[name]).column(0).chunks:
        if pa.types.is_dictionary(part.type):
            words = part.dictionary.to_pylist()
            found += [None if i is None else words[i] for i in part.indices.to_pylist()]
        else:
            found += part.to_pylist()
    if classes is not None:
        return [classes[v] if isinstance(v, int) and 0 <= v < len(classes) else None for v in found]
    return found


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, list[str]]:
    """Names of the classes behind integer columns, where the `datasets` library has written them into the schema."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {name: list(f["names"]) for name, f in features.items() if f.get("_type") == "ClassLabel"}
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}
