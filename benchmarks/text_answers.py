"""What is lost when answers are read as text and not by their log-probabilities, on one model, and what samples bring.

    python benchmarks/text_answers.py [-n 64] [--samples 8] [--prompts NAME ...] [--model smollm2] [--json]

Each prompt is asked three times of the same probe texts: by log-probabilities of its choices, for its likeliest words
(16 tokens), and for drawn answers. Similarity is linear CKA of the answers (the Gram matrices' cosine, before any
whitening) on the texts whose answer names a label; agreement is how often the label named is the likeliest by
log-probabilities, as they are and with label priors removed. `other` is the same similarity between one prompt's
log-probabilities and the likeliest words of the others, which is what the first has to stand out from.
"""

import argparse
import json
import time

import numpy as np

from fute_core.datasets.probes import load_probes
from fute_core.methods.functional import model_answers
from fute_core.models.language import load_language_model
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import batch_calibration
from fute_core.predictors.written_here import WrittenHere
from fute_core.templates.loading import shipped_prompts

PROMPTS = ("sentiment-01-review-question", "sentiment-02-four-reviews", "topic-01-news-question", "spam-03-text-first")


def similarity(one: np.ndarray, other: np.ndarray) -> float:
    """Linear CKA of two tables of label distributions (n, k) and (n, l), where both have an answer."""
    both = np.flatnonzero(~np.isnan(one).any(1) & ~np.isnan(other).any(1))
    a, b = (model_answers(table[both], np.arange(len(both)), len(both), False) for table in (one, other))
    norms = np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b)
    return float(np.linalg.norm(a.T @ b) ** 2 / norms) if norms else float("nan")


def agreement(proba: np.ndarray, named: np.ndarray) -> float:
    """How often the label named is the likeliest, where one is named."""
    there = ~np.isnan(named).any(1)
    return float((proba[there].argmax(1) == named[there].argmax(1)).mean()) if there.any() else float("nan")


def drawn_counts(asked: WrittenHere, texts) -> np.ndarray:
    """Which label (n, samples) each drawn answer names; -1 for none."""
    lm = asked.scored.lm
    prompts, _ = asked.scored.tokens.read(texts)
    rows = [asked._drawn(lm, text, prompt) for text, prompt in zip(texts, prompts, strict=True)]
    return np.array([[_label(asked.counts([answer])) for answer in row] for row in rows])


def _label(counts: np.ndarray) -> int:
    return -1 if counts[-1] else int(counts.argmax())


def shares(labels: np.ndarray, k: int, smoothing: float) -> np.ndarray:
    """Label distributions (n, k) of drawn labels (n, samples), each label counted `smoothing` times more."""
    counts = (labels[:, :, None] == np.arange(k)).sum(1).astype(np.float64)
    named = counts.sum(1, keepdims=True)
    smooth = counts + smoothing
    return np.where(named > 0, smooth / np.maximum(smooth.sum(1, keepdims=True), 1e-9), np.nan)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=64, help="probe texts")
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--prompts", nargs="+", default=PROMPTS)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    started = time.perf_counter()
    texts = load_probes(False, args.n).texts
    lm = load_language_model(args.model)
    known = shipped_prompts()
    scored, written, rows = {}, {}, []
    for name in args.prompts:
        template = known[name]
        k = len(template.labels)
        scored[name] = proba = PromptedLM(template, lm).predict_proba(texts)
        greedy = WrittenHere(template, lm)
        written[name] = greedy.proba(greedy.score(texts))
        labels = drawn_counts(WrittenHere(template, lm, samples=args.samples), texts)
        row = {
            "prompt": name,
            "labels": k,
            "named": float((~np.isnan(written[name]).any(1)).mean()),
            "agreement": agreement(proba, written[name]),
            "agreement_calibrated": agreement(batch_calibration(proba), written[name]),
            "similarity": similarity(proba, written[name]),
            "drawn_named": float((labels >= 0).mean()),
        }
        for s in [2**i for i in range(10) if 2**i <= args.samples]:
            row[f"similarity_{s}"] = similarity(proba, shares(labels[:, :s], k, 0.0))
            row[f"similarity_{s}_smooth"] = similarity(proba, shares(labels[:, :s], k, 0.5))
        rows.append(row)
    for row in rows:
        others = [similarity(scored[row["prompt"]], written[o]) for o in args.prompts if o != row["prompt"]]
        row["other"] = float(np.nanmean(others)) if others else float("nan")
    seconds = time.perf_counter() - started
    ratio = float(np.nanmean([row["similarity"] for row in rows]))
    if args.json:
        print(json.dumps({"ratio": ratio, "texts": args.n, "seconds": seconds, "prompts": rows}, indent=2))
        return
    print(f"{args.n} texts, {lm.id}, {seconds:.0f} s; mean similarity of text to log-probabilities {ratio:.2f}")
    for row in rows:
        print(row["prompt"])
        for measure, value in row.items():
            if measure != "prompt":
                print(f"  {measure:24s} {value:8.3f}")


if __name__ == "__main__":
    main()
