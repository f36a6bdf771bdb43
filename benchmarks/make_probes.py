"""Draws the shipped probe sets from folders with `single.jsonl` and `pairs.jsonl` of unlabelled texts.

    python benchmarks/make_probes.py FOLDER [FOLDER ...]

Left out: texts that occur in a shipped dataset (letters and digits compared), near-copies of those and of each other,
and empty ones. Long ones end with a sentence below `MAX_CHARACTERS`, since every model has to read them. The rest is
ordered round robin over sources, shuffled inside each with a fixed seed, so that any first N is spread evenly over
the sources as far as they reach.
"""

import argparse
import json
import random
import re
from collections import Counter
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from fute_core.home import DATA

MAX_CHARACTERS = 400
KEEP = {"single": 2048, "pairs": 1200}
MOST = {"single": 90, "pairs": 140}
"""Texts of one source that are looked at."""
SHORT, OFTEN = 80, 3
"""Characters up to which, and rows from which on, a text of pairs is a target that many pairs share ("Atheism")."""
NEAR = 0.8
"""Cosine of character 4-gram TF-IDF above which two texts count as copies, judged by reading such pairs."""


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def parts(row: dict) -> list[str]:
    return [row[name] for name in ("text", "text_pair") if name in row]


def shortened(text: str) -> str:
    """Whole sentences up to `MAX_CHARACTERS`, or a text cut between words where the first sentence is longer."""
    if len(text) <= MAX_CHARACTERS:
        return text
    ends = [found.end() for found in re.finditer(r"[.!?][\"')]*(?=\s)", text[:MAX_CHARACTERS])]
    return text[: ends[-1]] if ends else text[:MAX_CHARACTERS].rsplit(" ", 1)[0]


def dataset_rows() -> list[dict]:
    paths = sorted((DATA / "datasets").glob("*.jsonl"))
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def usable(rows: list[dict], taken: list[dict]) -> list[dict]:
    """Rows of sensible length none of whose texts is in `taken`, none a near-copy of those or of an earlier row."""
    counts = Counter(plain(text) for row in taken for text in parts(row))
    there = {text for text, rows in counts.items() if len(text) > SHORT or rows < OFTEN}
    fit = [
        row
        for row in rows
        if all(len(plain(t)) > 1 for t in parts(row)) and not any(plain(t) in there for t in parts(row))
    ]
    like = [row for row in taken if len(parts(row)) == len(parts(fit[0]))]
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(4, 4), sublinear_tf=True).fit_transform(
        " ".join(parts(row)) for row in [*like, *fit]
    )
    old, new = vectors[: len(like)], vectors[len(like) :]
    kept: list[int] = []
    for i in range(len(fit)):
        if (old @ new[i].T).max() < NEAR and (not kept or (new[kept] @ new[i].T).max() < NEAR):
            kept.append(i)
    return [fit[i] for i in kept]


def some_of_each(rows: list[dict], most: int) -> list[dict]:
    """At most so many texts of each source, drawn at random, shortened."""
    shuffler = random.Random(0)
    by_source: dict[str, list[dict]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    drawn = [row for group in by_source.values() for row in shuffler.sample(group, min(most, len(group)))]
    return [row | {key: shortened(row[key]) for key in ("text", "text_pair") if key in row} for row in drawn]


def order(rows: list[dict]) -> list[dict]:
    """Round robin over sources in a new order each turn."""
    shuffler = random.Random(0)
    by_source: dict[str, list[dict]] = {}
    for row in rows:
        by_source.setdefault(row["source"], []).append(row)
    queues = [by_source[name] for name in sorted(by_source)]
    for queue in queues:
        shuffler.shuffle(queue)
    ordered: list[dict] = []
    while any(queues):
        turn = [queue.pop() for queue in queues if queue]
        shuffler.shuffle(turn)
        ordered += turn
    return ordered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    folders = parser.parse_args().folders
    taken = dataset_rows()
    for name, keep in KEEP.items():
        given = [json.loads(line) for f in folders for line in (f / f"{name}.jsonl").read_text("utf-8").splitlines()]
        rows = some_of_each(given, MOST[name])
        fit = usable(rows, taken)
        drawn = order(fit)[:keep]
        lines = [json.dumps({"id": f"{name[0]}{i:04d}", **row}, ensure_ascii=False) for i, row in enumerate(drawn, 1)]
        (DATA / "probes" / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
        lengths = [len(" ".join(parts(row))) for row in drawn]
        print(f"{name}: {len(given)} given, {len(fit)} usable, {len(drawn)} drawn; {np.median(lengths):.0f} characters")
        for source, count in Counter(row["source"] for row in drawn).most_common():
            print(f"  {count:5d}  {source}")


if __name__ == "__main__":
    main()
