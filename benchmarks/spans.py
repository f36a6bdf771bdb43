"""Where question answering lands in the space of text pairs, by files in the form of SQuAD.

    python benchmarks/spans.py squad.json [MORE...] [--halvings 3] [--train] [--json]

Each file is read as `fute embed dataset` reads it, all its questions with the default 300 pairs, and placed beside the
shipped datasets over pairs. Then its passages are halved at random, so that the halves share neither passage nor
question, and each half is asked for its nearest among the other half, all shipped datasets, and the other files. With
`--train` the packaged encoder learns to mark answers in the sentences of one half of each file (a few minutes), and
what it then does with the probe texts is placed as well: the other half, which it never saw, should be near. Files of
labelled pairs may stand beside, such as QNLI, and are halved by rows.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.gallery import Gallery, load_gallery
from fute_core.datasets.answer_pairs import HOLDS, LABEL, SENTENCE, answer_pairs
from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.spans import ANSWERS, PASSAGE, QUESTION, has_spans, questions
from fute_core.datasets.tables import read_rows
from fute_core.embedding.pipelines import embed_dataset, embed_model
from fute_core.models.files import resolve_model
from fute_core.models.surrogate import ALIASES, DEFAULT_SURROGATE
from fute_core.predictors.spans import SpanPredictor
from fute_core.store.unnamed import UnnamedStore
from fute_core.tasks import TaskDataset
from fute_core.vectors import TaskEmbedding

ROWS, BATCH, RATE = 300, 16, 1e-4


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


def trained(path: Path, folder: Path, epochs: int = 4, seed: int = 0) -> SpanPredictor:
    """The packaged encoder, trained to mark the answer in the sentence that holds it, and the first token elsewhere."""
    import torch
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    torch.manual_seed(seed)
    table = read_rows(path)
    said = {one.question: one.answers[0][0] for one in questions(table) if one.answers}
    rows = [(row[QUESTION], row[SENTENCE], row[LABEL] == HOLDS) for row in answer_pairs(table).rows]
    source = resolve_model(DEFAULT_SURROGATE, ALIASES)
    tokenizer = AutoTokenizer.from_pretrained(source)
    model = AutoModelForQuestionAnswering.from_pretrained(source).train()
    steps = epochs * (len(rows) // BATCH)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    pace = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / steps)
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(rows))
        for at in range(0, len(order) - BATCH + 1, BATCH):
            batch = order[at : at + BATCH]
            read = tokenizer(
                [rows[i][0] for i in batch], [rows[i][1] for i in batch],
                truncation=True, max_length=128, padding=True, return_tensors="pt",
            )  # fmt: skip
            start, end = (torch.zeros(BATCH, dtype=torch.long) for _ in range(2))
            for at_row, (asked, sentence, holds) in enumerate(rows[i] for i in batch):
                place = sentence.find(said.get(asked, "\0")) if holds else -1
                first = read.char_to_token(at_row, place, 1) if place >= 0 else None
                last = read.char_to_token(at_row, place + len(said[asked].rstrip()) - 1, 1) if first else None
                if first and last:  # cut off, or begun in another sentence: taught as no answer
                    start[at_row], end[at_row] = first, last
            model(**read, start_positions=start, end_positions=end).loss.backward()
            optimiser.step()
            optimiser.zero_grad()
            pace.step()
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return SpanPredictor(str(folder))


def judged(
    gallery: Gallery, parts: Halves, folder: Path, store: UnnamedStore, wholes: dict[str, TaskEmbedding]
) -> dict:
    """What a model trained on the first half does on the second, and which datasets are nearest to it."""
    asked = trained(parts.first, folder / f"{parts.whole.stem}-reader")
    unseen = read(parts.second)
    right = asked.predict_proba(unseen.texts).argmax(1) == unseen.targets.argmax(1)
    model = embed_model(asked, store=store, name="reader", pair=True)
    others = {name: one for name, one in wholes.items() if name != parts.whole.stem}
    known, (own, *rest) = similarities(gallery, model, [embed_dataset(unseen, store=store), *others.values()])
    near = sorted([*known.items(), *zip(others, rest, strict=True)], key=lambda item: -item[1])[:3]
    return {"accuracy": float(right.mean()), "other_half": own, "nearest": near}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--halvings", type=int, default=3)
    parser.add_argument("--train", action="store_true")
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
            "verdict": verdict.why if verdict else None,
        }
    with tempfile.TemporaryDirectory() as folder:
        for path in choice.files:
            told = []
            for seed in range(choice.halvings):
                parts = halved(path, Path(folder), seed)
                first, second = (embed_dataset(read(part), store=store) for part in (parts.first, parts.second))
                strangers = [other for name, other in wholes.items() if name != path.stem]
                for one, other in ((first, second), (second, first)):
                    known, (own, *rest) = similarities(gallery, one, [other, *strangers])
                    told.append((own, max([*known.values(), *rest])))
            if choice.train:
                found[path.stem]["trained"] = judged(
                    gallery, halved(path, Path(folder), 0), Path(folder), store, wholes
                )
            found[path.stem]["halves"] = {
                "other_half": float(np.mean([own for own, _ in told])),
                "nearest_other": float(np.mean([best for _, best in told])),
                "other_half_first": float(np.mean([own > best for own, best in told])),
                "n": len(told),
            }
    if choice.json:
        first = next(iter(found.values()))["halves"]
        print(json.dumps({"ratio": round(first["other_half"] / first["nearest_other"], 3), "files": found}))
        return
    for name, said in found.items():
        near = ", ".join(f"{other} {value:.3f}" for other, value in said["nearest"])
        files = ", ".join(f"{other} {value:.3f}" for other, value in said["files"].items()) or "-"
        half = said["halves"]
        print(f"{name}\n  nearest shipped: {near}\n  other files: {files}\n  {said['verdict']}")
        print(
            f"  halves: other half {half['other_half']:.3f}, nearest of all others {half['nearest_other']:.3f}, other "
            f"half first in {half['other_half_first']:.0%} of {half['n']}",
            flush=True,
        )
        if taught := said.get("trained"):
            near = ", ".join(f"{other} {value:.3f}" for other, value in taught["nearest"])
            print(
                f"  a model trained on one half: right on {taught['accuracy']:.0%} of the other half's pairs; that "
                f"half {taught['other_half']:.3f}, nearest of all others {near}"
            )


if __name__ == "__main__":
    main()
