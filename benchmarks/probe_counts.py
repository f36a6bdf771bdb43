"""How many probe texts does a model have to answer? Quality and cost of its vector for 32 to 2,000 of them.

    python benchmarks/probe_counts.py [--counts 32,64,...] [--probes FILE] [--names A,B,...] [--model smollm2] [--json]

Items are the shipped datasets over single texts and a black box of each cheap architecture for every one of them, as in
`fute eval retrieval`, with the rules of that evaluation: black boxes are trained on rows that the dataset's embedding
never sees, and each family is judged in a space whose whitening was learnt without it. All answer the largest set once;
a smaller set is its first N. Compared is the part that models have, their answers; the encoder architecture is left
out, since its features of the larger sets take many minutes. Text pairs are left out, too: 306 of them ship.

Cost of one model: the texts that it has to answer; seconds of the language model for them, from 32 texts' worth of one
prompt; seconds from answers to a vector; numbers in the vector. All in processor time, so that a busy machine does not
matter (with OMP_NUM_THREADS=1). The headline `ratio` is how much dearer the largest set is than the default, in texts.

    --probes FILE : other texts, JSON lines with `text`, for counts beyond what ships.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from fute_core.atlas.gallery import Item
from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import DEFAULT_SINGLE, all_probes
from fute_core.datasets.tables import read_rows
from fute_core.embedding.recipe import Recipe
from fute_core.evaluation.parts.boxes import TRAINERS, describe, train_box
from fute_core.evaluation.parts.reference import left_out_similarity
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.evaluation.retrieval.ranks import figures, rank_datasets
from fute_core.evaluation.retrieval.similarities import ComparedItems
from fute_core.gram import gram_factor, triangle_length
from fute_core.home import DATA
from fute_core.methods import Observations
from fute_core.methods.functional import log_odds, probe_basis, task_answers
from fute_core.models.surrogate import load_surrogate
from fute_core.predictors.scoring import softmax
from fute_core.store.unnamed import UnnamedStore
from fute_core.tasks import Kind
from fute_core.vectors import Block, Provenance, TaskEmbedding

COUNTS = (32, 64, 128, 256, 512, 1000, 2000)
SHOWN = {
    "skilled_own_top1": "own", "skilled_family_first": "family", "weak_family_first": "weak", "dte_family_mrr": "mrr"
}  # fmt: skip
TIMED = 32
PROMPT = "sentiment-01-review-question"


def with_labels() -> list[str]:
    """The shipped datasets over single texts that black boxes can be trained on."""
    return [name for name, card in shipped_datasets().items() if not card["pair"] and not card.get("regression")]


def answered(texts: tuple[str, ...], names: list[str], folder: Path = DATA) -> list[Item]:
    """Every dataset's head and black boxes with their label distributions on all texts; no vectors yet."""
    surrogate, items = load_surrogate(store=UnnamedStore()), []
    for name in names:
        parts = dataset_parts(name, folder)
        rows = parts.dte
        head = task_answers(surrogate, Observations(rows.texts, rows.targets, probes=texts))
        items.append(_item(name, "dataset", rows.family, softmax(head), {}))
        for architecture in TRAINERS:
            box = train_box(architecture, parts)
            items.append(_item(box.name, "model", rows.family, box.predictor.predict_proba(texts), describe(box)))
    return items


def _item(name: str, kind: Kind, family: str, answers: np.ndarray, facts: dict) -> Item:
    made = Provenance("bge-small", "", "functional", {}, name, len(answers), False, 0, probes="")
    return Item(TaskEmbedding(name, kind, np.zeros(0, np.float32), (), name, made, family), facts, answers)


def at(n: int, items: list[Item], features: np.ndarray) -> tuple[list[Item], np.ndarray, float]:
    """The items with vectors from their first n answers, the basis (n, r), and seconds a vector."""
    basis = probe_basis(features[:n], Recipe().build().rank)
    began = time.process_time()
    factors = [gram_factor(log_odds(item.answers[:n]), basis)[0] for item in items]
    seconds = (time.process_time() - began) / len(items)
    block = Block("gram", 0, triangle_length(basis.shape[1]), part="functional")
    made = [
        Item(replace(item.embedding, factor=factor, blocks=(block,)), item.facts, item.answers[:n])
        for item, factor in zip(items, factors, strict=True)
    ]
    return made, basis, seconds


def measure(n: int, items: list[Item], features: np.ndarray, judged: list[int] | None = None) -> dict:
    """Figures of `fute eval retrieval` with the first n texts, of all items or those judged; what a vector costs."""
    made, basis, seconds = at(n, items, features)
    similarity = left_out_similarity(made, basis)
    everything = range(len(made))
    compared = ComparedItems(tuple(made), similarity, similarity, similarity)
    models, reciprocal = rank_datasets(compared, judged or everything, everything)
    found = figures(models, reciprocal)
    return {
        **{name: found[name] for name in SHOWN},
        "texts": n, "numbers": made[0].embedding.length, "seconds_a_vector": seconds,
    }  # fmt: skip


def seconds_of_answering(model: str, texts: tuple[str, ...]) -> float:
    """Seconds a text that a language model takes for one shipped prompt."""
    from fute_core.predictors.prompted_lm import PromptedLM
    from fute_core.templates.loading import shipped_prompts

    predictor = PromptedLM(shipped_prompts()[PROMPT], model)
    predictor.score(texts[:8])
    began = time.process_time()
    predictor.score(texts[:TIMED])
    return (time.process_time() - began) / len(texts[:TIMED])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", default=",".join(map(str, COUNTS)))
    parser.add_argument("--probes", type=Path, help="JSON lines with `text`")
    parser.add_argument("--names", help="only these datasets")
    parser.add_argument("--model", default="smollm2", help="language model whose time is taken; empty for none")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    texts = tuple(row["text"] for row in read_rows(args.probes).rows) if args.probes else all_probes(False).texts
    counts = [n for n in sorted({int(part) for part in args.counts.split(",")}) if n <= len(texts)]
    if not counts:
        parser.error(f"There are {len(texts)} probe texts; give a count of at most that.")
    texts = texts[: counts[-1]]
    names = args.names.split(",") if args.names else with_labels()
    items = answered(texts, names)
    features = load_surrogate().features(texts)
    a_text = seconds_of_answering(args.model, texts) if args.model else float("nan")
    rows = []
    for n in counts:
        rows.append({**measure(n, items, features), "seconds_of_answering": n * a_text if args.model else None})
        if not args.json:
            _print(rows[-1], len(rows) == 1, items, args.model)
    if args.json:
        print(json.dumps({"ratio": counts[-1] / DEFAULT_SINGLE, "datasets": len(names), "counts": rows}, indent=2))


def _print(row: dict, first: bool, items: list[Item], model: str) -> None:
    if first:
        boxes = sum(item.embedding.kind == "model" for item in items)
        print(f"{len(items) - boxes} datasets, {boxes} black boxes; n: " + ", ".join(
            f"{short} {row[name]['n']}" for name, short in SHOWN.items()))  # fmt: skip
        print("  skilled models: own dataset first, own family first; weak models: own family first; datasets: MRR")
        print(f"  {'texts':>6s} " + " ".join(f"{short:>19s}" for short in SHOWN.values())
              + f" {model or 'LM':>9s} s {'vector ms':>10s} {'numbers':>8s}")  # fmt: skip
    cells = " ".join(f"{f['value']:5.2f} [{f['low']:.2f}, {f['high']:.2f}]" for f in (row[name] for name in SHOWN))
    answering = row["seconds_of_answering"]
    print(f"  {row['texts']:6d} {cells} {answering if answering is not None else float('nan'):11.1f} "
          f"{1000 * row['seconds_a_vector']:10.1f} {row['numbers']:8d}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
