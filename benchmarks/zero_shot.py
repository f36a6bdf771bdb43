"""Encoders with a sentence for each label: how often they are right, how sure they should be, and where they land.

    python benchmarks/zero_shot.py [ENCODER ...] [-n 250] [--probes 512] [--json]

Every packaged encoder that is installed, or those that are named, is asked for the test rows of SST-2 and AG News. For
each: accuracy with one sentence a label, with several of which the best counts, and with the mean of several; chance;
the nearest dataset in the shipped atlas; and the temperature with the lowest log loss on the rows of both sets, beside
the default. Beside them stands the best shipped prompt of SmolLM2 with these labels, as the gallery records it, on 100
rows. With `--probes` below 512, places are those on the first of the probe texts. Answers are kept in the store.
"""

import argparse
import json
import time

import numpy as np

import fute_core as fute
from fute_core.atlas.fewer_texts import nearest_on_fewer
from fute_core.atlas.gallery import load_gallery
from fute_core.datasets.catalog import load_dataset
from fute_core.embedding.pipelines import embed_model
from fute_core.models.packaged import list_models
from fute_core.predictors.zero_shot import ZeroShotPredictor
from fute_core.store.store import Store
from fute_core.store.unnamed import UnnamedStore

SENTENCES = {
    "sst2": {
        "negative": ["This text is negative.", "The reviewer did not like the film.", "This film is bad."],
        "positive": ["This text is positive.", "The reviewer liked the film.", "This film is good."],
    },
    "ag_news": {
        "business": ["This text is about business.", "News of companies, markets and the economy."],
        "science and technology": [
            "This text is about science and technology.", "News of computers, software and research.",
        ],
        "sports": ["This text is about sports.", "News of games, teams and athletes."],
        "world": ["This text is about world politics.", "News of countries, governments and wars."],
    },
}  # fmt: skip
TEMPERATURES = {
    "cosine": (0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.2, 0.5, 1.0),
    "pairs": (0.2, 0.5, 1.0, 2.0, 3.0, 5.0),
}


def installed() -> list[str]:
    """The packaged encoders and cross-encoders that are here."""
    return [m["name"] for m in list_models() if m["installed"] and m["kind"] != "language model"]


def best_prompt(dataset: str) -> tuple[str, float]:
    """The shipped prompt of SmolLM2 that is right most often on a dataset."""
    found = {i.embedding.name: i.facts["accuracies"][dataset]["accuracy"] for i in load_gallery(False).items
             if dataset in i.facts.get("accuracies", {})}  # fmt: skip
    return max(found.items(), key=lambda item: item[1])


def log_loss(scores: np.ndarray, truth: np.ndarray, temperature: float) -> np.ndarray:
    """Of each row, in nats; scores are those of labels."""
    z = scores.astype(float) / temperature
    z -= z.max(1, keepdims=True)
    return np.log(np.exp(z).sum(1)) - z[np.arange(len(truth)), truth]


def asked(encoder: str, dataset: str, n: int) -> dict:
    """Accuracies of an encoder on the first test rows, and the scores of labels with the truth."""
    rows = load_dataset(dataset, split="test", limit=n)
    truth = rows.targets.argmax(1)
    said = {label: SENTENCES[dataset][label] for label in rows.labels}
    box = ZeroShotPredictor(encoder, said)
    scores = box.score(rows.texts)
    owner = np.repeat(np.arange(len(said)), [len(some) for some in said.values()])
    each = [scores[:, owner == label] for label in range(len(said))]
    best, mean, first = (np.stack([f(one) for one in each], 1)
                         for f in (lambda s: s.max(1), lambda s: s.mean(1), lambda s: s[:, 0]))  # fmt: skip
    right = {name: float((of.argmax(1) == truth).mean()) for name, of in
             (("first", first), ("best", best), ("mean", mean))}  # fmt: skip
    return {
        "rows": len(truth),
        "chance": 1 / len(said),
        **right,
        "scores": best,
        "truth": truth,
        "default": box.temperature,
    }


def landed(encoder: str, dataset: str, probes: int, store: Store, atlas: fute.Atlas) -> dict:
    """The nearest datasets of the encoder with its sentences."""
    box = ZeroShotPredictor(encoder, SENTENCES[dataset])
    recipe = fute.Recipe(n_probes=None if probes >= 512 else probes)
    made = embed_model(box, recipe, store, name=f"{dataset} @ {encoder}")
    fewer = nearest_on_fewer(made, store, 5, "dataset")
    rows = fewer["neighbours"] if fewer else atlas.nearest_rows(made, 5, "dataset")
    return {"nearest": rows[0]["name"], "family": rows[0]["family"], "similarity": float(rows[0]["similarity"]),
            "second": rows[1]["name"]}  # fmt: skip


def study(encoders: list[str], n: int, probes: int) -> dict:
    """All figures."""
    atlas, store, found = fute.open_atlas(), UnnamedStore(), {}
    for encoder in encoders:
        started = time.perf_counter()
        answers = {dataset: asked(encoder, dataset, n) for dataset in SENTENCES}
        default = next(iter(answers.values()))["default"]
        loss = {t: float(np.mean([log_loss(a["scores"], a["truth"], t).mean() for a in answers.values()]))
                for t in TEMPERATURES["pairs" if default == 1 else "cosine"]}  # fmt: skip
        places = {dataset: landed(encoder, dataset, probes, store, atlas) for dataset in SENTENCES}
        found[encoder] = {
            "datasets": {d: {k: v for k, v in a.items() if k not in ("scores", "truth")} | places[d]
                         for d, a in answers.items()},
            "log_loss": loss, "default": default, "best_temperature": min(loss, key=lambda t: loss[t]),
            "seconds": time.perf_counter() - started,
        }  # fmt: skip
        told(encoder, found[encoder])
    prompts = {dataset: best_prompt(dataset) for dataset in SENTENCES}
    right = [row["best"] for one in found.values() for row in one["datasets"].values()]
    return {"ratio": float(np.mean(right)), "encoders": found, "prompts": prompts}


def told(encoder: str, one: dict) -> None:
    """Print what was found of an encoder."""
    for dataset, row in one["datasets"].items():
        accuracies = f"one sentence {row['first']:.3f}  best of several {row['best']:.3f}  mean {row['mean']:.3f}"
        place = f"{row['nearest']} ({row['family']}, {row['similarity']:.2f}), then {row['second']}"
        head = f"{encoder:18s} {dataset:8s} {row['rows']:4d} rows  chance {row['chance']:.2f}"
        print(f"{head}  {accuracies}  lands at {place}", flush=True)
    best = one["best_temperature"]
    print(f"{encoder:18s} log loss {one['log_loss'][one['default']]:.3f} at {one['default']}, lowest "
          f"{one['log_loss'][best]:.3f} at {best}; {one['seconds']:.0f} s", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("encoders", nargs="*", metavar="ENCODER")
    parser.add_argument("-n", type=int, default=250, help="test rows of each dataset")
    parser.add_argument("--probes", type=int, default=512, help="probe texts for the place in the atlas")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = study(arguments.encoders or installed(), arguments.n, arguments.probes)
    for dataset, (name, accuracy) in found["prompts"].items():
        print(f"SmolLM2's best shipped prompt on {dataset}: {name}, {accuracy:.2f}")
    if arguments.json:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
