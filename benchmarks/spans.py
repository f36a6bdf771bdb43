"""Where question answering lands in the space of text pairs, by files in the form of SQuAD.

    python benchmarks/spans.py squad.json [MORE...] [--halvings 3] [--json]

Each file is read as `fute embed dataset` reads it, all its questions with the default 300 pairs, and placed beside the
shipped datasets over pairs. Then its passages are halved at random, so that the halves share neither passage nor
question, and each half is compared with the other half, the other files and all shipped datasets. As a control each
file is embedded with its labels dealt out anew: how near that still is to another file is due to texts and to no job.
Files of labelled pairs may stand beside, such as QNLI, and are halved by rows.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.gallery import Gallery, load_gallery
from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.spans import ANSWERS, PASSAGE, QUESTION, has_spans, questions
from fute_core.datasets.tables import read_rows
from fute_core.embedding.pipelines import embed_dataset
from fute_core.store.unnamed import UnnamedStore
from fute_core.tasks import TaskDataset
from fute_core.vectors import TaskEmbedding

ROWS = 300


@dataclass(frozen=True)
class Halves:
    """first, second : files of the two halves. whole : the file itself."""

    first: Path
    second: Path
    whole: Path


def halved(path: Path, folder: Path, seed: int) -> Halves:
    """Halves of a file: by passages where there are any, else by rows."""
    table = read_rows(path)
    rows = (
        [
            {PASSAGE: one.passage, QUESTION: one.question,
             ANSWERS: [{"text": text, "answer_start": start} for text, start in one.answers]}
            for one in questions(table)
        ]
        if has_spans(table)
        else list(table.rows)
    )  # fmt: skip
    groups = sorted({str(row.get(PASSAGE, i)) for i, row in enumerate(rows)})
    rng = np.random.default_rng(seed)
    first = {groups[i] for i in rng.permutation(len(groups))[: len(groups) // 2]}
    places = []
    for side in (True, False):
        place = folder / f"{path.stem}-{seed}-{'first' if side else 'second'}.jsonl"
        kept = [row for i, row in enumerate(rows) if (str(row.get(PASSAGE, i)) in first) is side]
        place.write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")
        places.append(place)
    return Halves(places[0], places[1], path)


def read(path: Path) -> TaskDataset:
    return load_dataset(path, split="all", limit=ROWS)


def similarities(
    gallery: Gallery, one: TaskEmbedding, others: list[TaskEmbedding]
) -> tuple[dict[str, float], list[float]]:
    """To each shipped dataset by name, and to `others`."""
    shipped = [item.embedding for item in gallery.items if item.embedding.kind == "dataset"]
    own, *placed = (gallery.calibrator.place([some]) for some in (one, *others))
    row = own.cosines(gallery.calibrator.place(shipped))[0]
    known = {some.name: float(s) for some, s in zip(shipped, row, strict=True)}
    return known, [float(own.cosines(other)[0, 0]) for other in placed]


def shuffled(
    gallery: Gallery, store: UnnamedStore, name: str, files: list[Path], wholes: dict[str, TaskEmbedding]
) -> dict[str, float]:
    """To the other files, with the labels of this one in any order."""
    rows = read(next(path for path in files if path.stem == name))
    dealt = rows.targets[np.random.default_rng(0).permutation(len(rows.targets))]
    others = {other: one for other, one in wholes.items() if other != name}
    made = embed_dataset(replace(rows, targets=dealt), store=store)
    return dict(zip(others, similarities(gallery, made, list(others.values()))[1], strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--halvings", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    choice = parser.parse_args()
    store, gallery, atlas = UnnamedStore(), load_gallery(True), open_atlas(pair=True)
    found: dict[str, dict] = {}
    wholes = {path.stem: embed_dataset(read(path), store=store) for path in choice.files}
    for name, one in wholes.items():
        known, others = similarities(gallery, one, [other for other in wholes.values() if other is not one])
        verdict = atlas.verdict(one)
        nearest = sorted(known.items(), key=lambda item: -item[1])[:3]
        found[name] = {
            "nearest": nearest,
            "files": dict(zip([other for other in wholes if other != name], others, strict=True)),
            "shuffled": shuffled(gallery, store, name, choice.files, wholes),
            "verdict": verdict.why if verdict else None,
        }
    with tempfile.TemporaryDirectory() as folder:
        for path in choice.files:
            told = []
            for seed in range(choice.halvings):
                parts = halved(path, Path(folder), seed)
                first, second = (embed_dataset(read(part), store=store) for part in (parts.first, parts.second))
                others = [other for name, other in wholes.items() if name != path.stem]
                for one, other in ((first, second), (second, first)):
                    known, (own, *rest) = similarities(gallery, one, [other, *others])
                    told.append((own, max(rest, default=np.nan), max(known.values())))
            own, files, shipped = np.array(told).T
            found[path.stem]["halves"] = {
                "other_half": float(own.mean()),
                "nearest_file": float(files.mean()),
                "nearest_shipped": float(shipped.mean()),
                "above_all_shipped": float((own > shipped).mean()),
                "n": len(told),
            }
    if choice.json:
        first = next(iter(found.values()))["halves"]
        print(json.dumps({"ratio": round(first["other_half"] / first["nearest_shipped"], 3), "files": found}))
        return
    for name, said in found.items():
        near = ", ".join(f"{other} {value:.3f}" for other, value in said["nearest"])
        files = ", ".join(f"{other} {value:.3f}" for other, value in said["files"].items()) or "-"
        dealt = ", ".join(f"{other} {value:.3f}" for other, value in said["shuffled"].items()) or "-"
        half = said["halves"]
        print(
            f"{name}\n  nearest shipped: {near}\n  other files: {files} (labels shuffled: {dealt})\n  {said['verdict']}"
        )
        print(
            f"  halves: other half {half['other_half']:.3f}, nearest other file {half['nearest_file']:.3f}, nearest "
            f"shipped {half['nearest_shipped']:.3f}; other half above all shipped in {half['above_all_shipped']:.0%} "
            f"of {half['n']}",
            flush=True,
        )


if __name__ == "__main__":
    main()
