"""How lists of a large store scale: what it takes to list, search and follow the names of many embeddings.

    python benchmarks/many_names.py [--names 100000] [--json]

The names are those of the gallery with their facts, as many times over as asked for, in a store of their own. Each list
of a new process is made in one. `ratio` is the time to read the names one by one, as lists did before, beside that of
a list in a process that runs on.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

from fute_core.atlas.gallery import load_gallery
from fute_core.store.headers import header_of, read_header
from fute_core.store.store import Store

AT_ONCE = 2000
READ = 5000
"""Names read one by one, from which the time of all is reckoned."""
NEW_PROCESS = """
import sys, time
from fute_core.store.store import Store
began = time.perf_counter()
Store(sys.argv[1]).headers()
print(time.perf_counter() - began)
"""


def fill(store: Store, count: int) -> None:
    """Give a store that many names, without vectors."""
    shipped = load_gallery(False).items
    for start in range(0, count, AT_ONCE):
        values = {}
        for i in range(start, min(start + AT_ONCE, count)):
            item, created = shipped[i % len(shipped)], f"2026-01-{1 + i % 28:02d}T{i % 24:02d}:00:00+00:00"
            own = header_of(item.embedding)
            made = replace(own.provenance, created=created, details=dict(item.facts))
            header = replace(own, name=f"{own.name} #{i}", key=f"{i:032x}", provenance=made)
            values[header.entry] = ({}, asdict(header))
        store.put_many(values, "names")


def seconds(act, times: int = 1) -> float:
    """The shortest of some runs."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken)


def new_process(folder: Path) -> float:
    """Seconds of the first list of a process."""
    command = [sys.executable, "-c", NEW_PROCESS, str(folder)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def measured(folder: Path, count: int) -> dict[str, float]:
    """Figures of a store of that many names."""
    store = Store(folder)
    fill(store, count)
    keys = list(islice(store.keys("names"), READ))
    one_by_one = seconds(lambda: [read_header(store.get(key, "names")) for key in keys]) * count / len(keys)
    found = {"names": count, "one_by_one_s": round(one_by_one, 2), "without_file_s": round(new_process(folder), 2)}
    found["new_process_s"] = round(min(new_process(folder) for _ in range(3)), 2)
    headers = store.headers()
    again = seconds(store.headers, 5)
    found["list_ms"] = round(1000 * again, 1)
    found["search_ms"] = round(1000 * seconds(lambda: store.search("imdb", "prompt"), 5), 1)
    after = []
    for i in range(5):
        Store(folder).put_name(replace(headers[i], name=f"new {i}"))
        after.append(seconds(store.headers))
    found["list_after_a_change_ms"] = round(1000 * sorted(after)[2], 1)
    found["stamp_ms"] = round(1000 * seconds(store.stamp, 20), 3)
    return found | {"ratio": round(one_by_one / again)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measured(Path(folder), asked.names)
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value:,}")


if __name__ == "__main__":
    main()
