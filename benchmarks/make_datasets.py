"""Takes public datasets into data/: drops texts that are shipped already, holds rows back for the probe texts.

    python benchmarks/make_datasets.py FOLDER REMAINDERS

FOLDER has `datasets.json` and `datasets/NAME.jsonl`, as data/ has. For each dataset of `CHOSEN`, rows that share a
text with a shipped dataset are left out, and of the training rows `HELD` are held back, evenly over the labels: their
texts are written to REMAINDERS/single.jsonl and REMAINDERS/pairs.jsonl, from which `make_probes.py` draws, with texts
of three public sets that are no classification: sentences of `tokens/`, and passages with their questions of `qa/`.
Small datasets keep all their rows. Run it before `make_probes.py`; it can be run again.
"""

import argparse
import json
import random
import re
from pathlib import Path

from make_probes import parts, plain

from fute_core.home import DATA

CHOSEN = (
    "poem_sentiment", "pros_cons", "vader_editorials", "emobank_valence", "query_wellformedness", "surge_toxicity",
    "unhealthy_comments", "edos_sexism", "suggestion_forum", "docs_issues", "medical_abstracts",
    "brown_genre", "unfair_terms_en", "onestop_level", "counterfactual_en", "causal_news", "med_monotonicity",
    "liar_plus", "boolq", "arct_warrant", "ukpconvarg", "argkp_stance", "tweet_stance",
    "discourse_gum", "onestop_simpler", "complex_word",
)  # fmt: skip
HELD = {False: 100, True: 140}
"""Training rows held back, of single texts and of pairs."""
FEWEST = 700
"""Rows below which a dataset keeps them all."""
OF_CARD = ("name", "family", "title", "source", "licence", "cite", "language", "pair", "labels")


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def write(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def held_back(rows: list[dict], pair: bool) -> list[int]:
    """Training rows held back: the labels take turns, so that what is left stays as balanced as it was."""
    if len(rows) < FEWEST:
        return []
    shuffler = random.Random(13)
    by_label: dict[str, list[int]] = {}
    for i, row in enumerate(rows):
        if row["split"] == "train":
            by_label.setdefault(row["label"] if isinstance(row["label"], str) else "", []).append(i)
    for group in by_label.values():
        shuffler.shuffle(group)
    held: list[int] = []
    while len(held) < HELD[pair]:
        held += [group.pop() for group in by_label.values() if group]
    return held[: HELD[pair]]


def plain_licence(licence: str) -> str:
    """The licence without the name of the file that states it."""
    return re.sub(r" \([^()]*(?:LICEN[CS]E|README|[Rr]eadme|\.xml)[^()]*\)", "", licence)


def use_of(licence: str) -> str:
    """What the licence allows."""
    if re.search(r"\bNC\b|non-commercial", licence):
        return "non-commercial"
    return "research" if re.search(r"\bresearch use\b", licence) else "open"


def other_texts(folder: Path) -> dict[str, list[dict]]:
    """Sentences of tagged sets, and passages, each alone and below its question."""
    rows: dict[str, list[dict]] = {"single": [], "pairs": []}
    for name in ("ewt_pos", "wnut17"):
        for row in read(folder / "tokens" / f"{name}.jsonl"):
            if len(row["tokens"]) > 4:
                rows["single"].append(
                    {"text": re.sub(r" ([.,;:!?)]|'\w+|n't)", r"\1", " ".join(row["tokens"])), "source": name}
                )
    for article in json.loads((folder / "qa" / "xquad_en.json").read_text("utf-8"))["data"]:
        for passage in article["paragraphs"]:
            rows["single"].append({"text": passage["context"], "source": "xquad_en"})
            question = passage["qas"][0]["question"]
            rows["pairs"].append({"text": question, "text_pair": passage["context"], "source": "xquad_en"})
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("remainders", type=Path)
    given = parser.parse_args()
    cards = [c for c in json.loads((DATA / "datasets.json").read_text("utf-8")) if c["name"] not in CHOSEN]
    cards = [{**card, "use": use_of(card["licence"])} for card in cards]
    public = {card["name"]: card for card in json.loads((given.folder / "datasets.json").read_text("utf-8"))}
    there = {plain(t) for c in cards for row in read(DATA / "datasets" / f"{c['name']}.jsonl") for t in parts(row)}
    remainders = other_texts(given.folder)
    for name in CHOSEN:
        card = public[name]
        rows = read(given.folder / "datasets" / f"{name}.jsonl")
        new = [row for row in rows if card["pair"] or not any(plain(text) in there for text in parts(row))]
        held = set(held_back(new, card["pair"]))
        kept = [row for i, row in enumerate(new) if i not in held]
        write(DATA / "datasets" / f"{name}.jsonl", kept)
        texts = [{k: new[i][k] for k in ("text", "text_pair") if k in new[i]} | {"source": name} for i in sorted(held)]
        remainders["pairs" if card["pair"] else "single"] += texts
        sizes = {part: sum(row["split"] == part for row in kept) for part in ("train", "test")}
        scores = {"regression": True} if card.get("regression") else {}
        shown = {key: card[key] for key in OF_CARD} | {"licence": plain_licence(card["licence"])}
        cards.append(shown | scores | {"use": use_of(card["licence"])} | sizes)
        print(f"{name}: {len(rows)} rows, {len(rows) - len(new)} shipped already, {len(held)} held back, {sizes}")
    (DATA / "datasets.json").write_text(json.dumps(cards, indent=1, ensure_ascii=False) + "\n", "utf-8")
    given.remainders.mkdir(exist_ok=True)
    for arity, rows in remainders.items():
        write(given.remainders / f"{arity}.jsonl", rows)


if __name__ == "__main__":
    main()
