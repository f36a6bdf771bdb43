"""Texts a second of a prompted language model, beside the loop that one would write first, all in one run.

    python benchmarks/prompted_lm.py [-n 128] [--repeats 3] [--model smollm2] [--processor-time] [--json]

The plain loop: float32, batches of 16 in the given order, padded on the left, one forward pass over chat header and
prompt together, log-softmax at the last position. Both sides ask the same prompt, whose answers are one token each, so
that the plain loop needs no second pass. Equality is measured against the plain loop in both precisions.
"""

import argparse
import json
import time

import numpy as np

from fute_core.datasets.probes import load_probes
from fute_core.models.language import LanguageModel, load_language_model, read_language_model
from fute_core.models.precision import precision
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.tasks import PromptTemplate
from fute_core.templates.rendering import render

BATCH = 16
TEMPLATE = PromptTemplate(
    "sentiment", "Is the feeling of this text positive or negative?\n\nText: {{ text }}",
    (("Positive", "positive"), ("Negative", "negative")), ("positive", "negative"),
)  # fmt: skip


def plain_loop(lm: LanguageModel, texts) -> np.ndarray:
    """Log-probability (n, s) of each verbalizer's first token after each prompt."""
    import torch

    tokenizer = lm.tokenizer
    tokenizer.padding_side = "left"
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    choices = [tokenizer.encode(v, add_special_tokens=False)[0] for words in TEMPLATE.choices for v in words]
    rows = []
    for start in range(0, len(texts), BATCH):
        chats = [[{"role": "user", "content": render(TEMPLATE, text).strip()}] for text in texts[start : start + BATCH]]
        prompts = tokenizer.apply_chat_template(chats, tokenize=False, add_generation_prompt=True)
        inputs = tokenizer(prompts, padding=True, return_tensors="pt", add_special_tokens=False)
        with torch.inference_mode():
            logits = lm.model(**inputs).logits[:, -1].float()
        rows.append(torch.log_softmax(logits, 1)[:, choices].numpy())
    return np.concatenate(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=128, help="probe texts")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="count processor time: for a machine that others use, with one thread (OMP_NUM_THREADS=1)",
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    clock = time.process_time if args.processor_time else time.perf_counter
    texts = load_probes(False, args.n).texts
    lm = load_language_model(args.model)
    lm32 = read_language_model(args.model, "float32")
    fast, fast32 = PromptedLM(TEMPLATE, lm), PromptedLM(TEMPLATE, lm32)
    sides = {
        "plain loop, float32, batch 16": lambda t: plain_loop(lm32, t),
        f"PromptedLM, {precision()}": fast.score,
        "PromptedLM, float32": fast32.score,
    }
    seconds = {name: [] for name in sides}
    scores = {}
    for side in sides.values():
        side(texts[:BATCH])
    for _ in range(args.repeats):
        for name, side in sides.items():
            started = clock()
            scores[name] = side(texts)
            seconds[name].append(clock() - started)
    rate = {name: len(texts) / float(np.median(s)) for name, s in seconds.items()}
    plain, mine, mine32 = sides
    p = fast.proba(scores[plain])
    report = {
        "ratio": rate[mine] / rate[plain],
        "texts": len(texts),
        "model": lm.id,
        "precision": precision(),
        "texts_per_second": rate,
        "max_score_difference_float32": float(np.abs(scores[mine32] - scores[plain]).max()),
        "max_label_probability_difference": float(np.abs(fast.proba(scores[mine]) - p).max()),
        "mean_label_probability_difference": float(np.abs(fast.proba(scores[mine]) - p).mean()),
        "score_correlation": float(np.corrcoef(scores[mine].ravel(), scores[plain].ravel())[0, 1]),
    }
    if args.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{len(texts)} texts, {lm.id}, median of {args.repeats} interleaved runs")
    for name, texts_per_second in rate.items():
        print(f"  {name:32s} {texts_per_second:8.1f} texts/s  {texts_per_second / rate[plain]:6.2f} x")
    for name in report:
        if "difference" in name or "correlation" in name:
            print(f"  {name.replace('_', ' '):38s} {report[name]:.2e}")


if __name__ == "__main__":
    main()
