"""How the space scales: what it takes to hold, add, ask and compare many items, beside an older build.

    python benchmarks/space.py [--items 100000] [--map] [--against COMMIT] [--json]

The items are those of the gallery with noise on their answers, as many times over as asked for. `--against` checks the
older commit out beside this one and measures both builds in turn with 2,000 items added to the gallery; the one before
factors is 49c9d79. A quiet machine is taken for granted; processes of one build never run beside those of the other.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).parent.parent
NOISE = 0.02
"""Standard deviation of the noise on a factor, whose entries have about 0.05."""
NEIGHBOURS = 15
RECALL_OF = 500
"""Items whose neighbours are found once more, one by one, to judge those found together."""
QUERIES = 60
ADDED = 2000

BOTH_BUILDS = """
import json, sys, time
from dataclasses import replace
import numpy as np, psutil
from fute_core.atlas.gallery import load_gallery
from fute_core.embedding import embed
gallery = load_gallery(False)
space = gallery.space
rng, process = np.random.default_rng(0), psutil.Process()
own = [item.embedding for item in gallery.items]
names = [f"{own[i % len(own)].name} #{i}" for i in range(ADDED)]
if hasattr(own[0], "factor"):
    def noisy(e):
        return {"factor": e.factor + np.float32(NOISE) * rng.standard_normal(e.factor.shape, dtype=np.float32)}
else:
    def noisy(e):  # the same cost as any other vector, which is all that is measured of this build
        return {"vector": (e.vector * rng.uniform(0.98, 1.02, e.vector.shape)).astype(np.float32)}
new = [replace(own[i % len(own)], name=name, key=name, **noisy(own[i % len(own)])) for i, name in enumerate(names)]
before = process.memory_info().rss
began = time.perf_counter()
larger = space.with_new(*new)
added = time.perf_counter() - began
memory = process.memory_info().rss - before
stranger = replace(new[0], name="stranger", key="stranger")
times = []
for _ in range(5):
    began = time.perf_counter()
    larger.neighbours(stranger, 10)
    times.append(time.perf_counter() - began)
began = time.perf_counter()
whole = larger.similarity()
similarity = time.perf_counter() - began
of_gallery, dataset = space.similarity(), np.array([e.kind == "dataset" for e in own])
of_gallery[dataset[:, None] != dataset] = 0  # beside a dataset all others read sqrt(1.5) times what they did
np.save(sys.argv[1], of_gallery)
print(json.dumps({"add": added, "query": min(times), "similarity": similarity, "memory": memory}))
"""


def measured_build(folder: Path, out: Path) -> dict[str, float]:
    """Seconds and bytes of one build; its similarities of the gallery are written to `out`."""
    script = BOTH_BUILDS.replace("ADDED", str(ADDED)).replace("NOISE", str(NOISE))
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", script, str(out)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def against(commit: str) -> dict[str, float]:
    """Ratios of an older build to this one, and, with one gallery, the largest difference of similarities.

    That is of those that follow one rule in both.
    """
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder) / "build"
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", "-q", old, commit], check=True)
        try:
            files = Path(folder) / "old.npy", Path(folder) / "new.npy"
            before, now = measured_build(old, files[0]), measured_build(ROOT, files[1])
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", old], check=True)
        old_gallery, gallery = map(np.load, files)
    found = {f"{name}_ratio": round(before[name] / now[name], 1) for name in before}
    if old_gallery.shape == gallery.shape:  # it may have grown since
        found["max_difference"] = float(np.abs(old_gallery - gallery).max())
    return found


def noisy_items(n: int) -> list:
    """n embeddings: the gallery's, then copies with noise on their answers."""
    from fute_core.atlas.gallery import load_gallery

    rng, own = np.random.default_rng(0), [item.embedding for item in load_gallery(False).items]
    found = own[:n]
    for i in range(len(own), n):
        e = own[i % len(own)]
        noise = np.float32(NOISE) * rng.standard_normal(e.factor.shape, dtype=np.float32)
        found.append(replace(e, name=f"{e.name} #{i}", key=f"{e.key} {i}", factor=e.factor + noise))
    return found


def scale(n: int, with_map: bool) -> dict[str, float]:
    """Figures of a space of n items."""
    from fute_core.atlas.gallery import load_gallery
    from fute_core.space.all_pairs import nearest_of_all
    from fute_core.space.space import TaskSpace

    items = noisy_items(n)
    began = time.perf_counter()
    space = TaskSpace(items, calibrator=load_gallery(False).calibrator)
    found = {"items": n, "open_s": round(time.perf_counter() - began, 2)}
    times = []
    for i in np.random.default_rng(1).integers(n, size=QUERIES):
        began = time.perf_counter()
        space.neighbours(items[i].name, 10, of_kind=items[i].kind)
        times.append(time.perf_counter() - began)
    held = [psutil.Process().memory_info().rss]
    found["query_p95_ms"] = round(1000 * float(np.quantile(times, 0.95)), 1)
    began = time.perf_counter()
    near, _ = nearest_of_all(space.placed, NEIGHBOURS)
    found["neighbours_s"] = round(time.perf_counter() - began, 1)
    held.append(psutil.Process().memory_info().rss)
    found["rss_mb"] = round(max(held) / 1e6)  # without what the check below takes
    some = np.random.default_rng(2).permutation(n)[:RECALL_OF]
    plain = space.placed.take(some).cosines(space.placed)
    plain[np.arange(len(some)), some] = -np.inf
    best = np.argpartition(-plain, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    found["recall_15"] = round(
        float(np.mean([len({*a} & {*near[i]}) / NEIGHBOURS for a, i in zip(best, some, strict=True)])), 4
    )
    if with_map:
        from fute_core.maps.projection import project

        began = time.perf_counter()
        made = project(space)
        found["map_s"] = round(time.perf_counter() - began, 1)
        found["map_keeps"] = round(made.neighbour_preservation or 0.0, 3)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--map", action="store_true")
    parser.add_argument("--against", metavar="COMMIT")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = against(asked.against) if asked.against else {}
    found = scale(asked.items, asked.map) | found
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:18} {value:,}")


if __name__ == "__main__":
    main()
