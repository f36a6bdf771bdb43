"""An accelerator beside the processor: first whether it gives the same values, then how fast it is.

    python benchmarks/accelerator.py [--device cuda] [--sizes 135M 1.7B 8B] [-n 512] [--json]

Runs with torch, transformers, safetensors, scikit-learn, pandas and Jinja alone, and without a network: models of real
architectures and sizes get random weights on the device, and a tokenizer is made from the shipped probe texts. Beside
the seconds stand two ceilings measured in the same run, a large bfloat16 product and a large copy, and the loop that
one would write first: transformers in bfloat16, batches of 16 in the given order, padded, logits of all positions. The
share of the ceiling counts the products of the layers, two operations a weight and token read, and nothing else. A
processor as `--device` shows that the script runs; its seconds mean nothing.
"""

import argparse
import gc
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from accelerator_models import CHOICES, SIZES, encoder, language_model, make_tokenizer

from fute_core.datasets.probes import load_probes
from fute_core.methods import METHODS, Observations
from fute_core.methods.fisher import Fisher, fisher_sums
from fute_core.methods.heads import fit_head
from fute_core.models.batch import Batch
from fute_core.models.device import exact_products, find_device, said_of
from fute_core.models.driver import driver_of
from fute_core.models.language import LanguageModel
from fute_core.models.precision import multiply_in_bf16, read_last_position_fast
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.several import score_several
from fute_core.tasks import PromptTemplate
from fute_core.templates.rendering import render

BATCH = 16
TEMPLATE = PromptTemplate("first", "Is the feeling of this text positive or negative?\n\nText: {{ text }}", *CHOICES)
ASKS = [
    f"{verb} whether the {what} of this {noun} is positive or negative."
    for noun in ("text", "line", "review", "sentence", "remark", "note", "comment", "message", "post", "passage")
    for what in ("tone", "mood", "view", "feeling", "word")
    for verb in ("Say", "Decide")
]
TEXT_LAST = [
    PromptTemplate(f"last{i}", f"{ask}\n\nText: {{{{ text }}}}\n\nAnswer:", *CHOICES) for i, ask in enumerate(ASKS)
]
TEXT_FIRST = [
    PromptTemplate(f"first{i}", f"Text: {{{{ text }}}}\n\n{ask}\n\nAnswer:", *CHOICES) for i, ask in enumerate(ASKS)
]
TEN, SINGLE = 10, 3
"""Prompts of one job; of the hundred those that are asked one by one, to tell what all would take."""


def seconds(device: str, work: Callable[[], Any], repeats: int = 3) -> float:
    """The best of some runs, after one to warm up."""
    driver, _ = driver_of(device)
    wait = getattr(driver, "synchronize", lambda: None)
    work()
    best = float("inf")
    for _ in range(repeats):
        wait()
        started = time.perf_counter()
        work()
        wait()
        best = min(best, time.perf_counter() - started)
    return best


def plain_loop(lm: LanguageModel, texts: tuple[str, ...]) -> np.ndarray:
    """Log-probability (n, s) of the first token of each verbalizer."""
    choices = [lm.tokenizer.encode(v, add_special_tokens=False)[0] for words in TEMPLATE.choices for v in words]
    rows = []
    for start in range(0, len(texts), BATCH):
        prompts = [render(TEMPLATE, text) for text in texts[start : start + BATCH]]
        inputs = lm.tokenizer(prompts, padding=True, return_tensors="pt").to(lm.device)
        with torch.inference_mode():
            logits = lm.model(input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"]).logits[:, -1]
        rows.append(torch.log_softmax(logits.float(), 1)[:, choices].cpu().numpy())
    return np.concatenate(rows)


def same_values(device: str, texts: tuple[str, ...], tokenizer: Any, size: str) -> dict[str, float]:
    """Largest differences to the processor's label probabilities, in float32 and in bfloat16, and of features."""

    def answers(where: str, in_bf16: bool) -> np.ndarray:
        lm = language_model(size, "cpu", torch.float32, tokenizer)  # the same weights on both
        if in_bf16:
            multiply_in_bf16(lm.model)
        lm.model.to(where)
        return PromptedLM(TEMPLATE, lm).predict_proba(texts)

    here = answers("cpu", False)
    reads = make_tokenizer(load_probes(False, 2048).texts, "right")
    features = [encoder(where, reads).features(texts) for where in ("cpu", device)]
    return {
        "float32": float(np.abs(answers(device, False) - here).max()),
        "bfloat16": float(np.abs(answers(device, True) - here).max()),
        "features": float(np.abs(features[0] - features[1]).max() / np.abs(features[0]).max()),
    }


def ceilings(device: str, n: int) -> dict[str, float]:
    """Operations and bytes a second of a product (n, n, n) in bfloat16 and of a copy."""
    a = torch.randn(n, n, device=device).bfloat16()
    product = seconds(device, lambda: a @ a)
    copy = seconds(device, lambda: a.clone())
    return {"product": 2 * n**3 / product, "copy": 2 * a.nbytes / copy}


def timed(
    size: str, device: str, texts: tuple[str, ...], tokenizer: Any, product: float,
    many: dict[str, list[PromptTemplate]],
) -> dict[str, Any]:  # fmt: skip
    """Seconds of one prompt, beside the plain loop and the ceiling; texts a second of ten prompts; peak memory; and
    what many prompts asked together spare."""
    driver, number = driver_of(device)
    lm = language_model(size, device, torch.bfloat16, tokenizer)
    plain = seconds(device, lambda: plain_loop(lm, texts))
    weights = sum(p.numel() for p in lm.model.model.layers.parameters())
    held = sum(p.nbytes for p in lm.model.parameters())
    read_last_position_fast(lm.model)
    multiply_in_bf16(lm.model)
    if hasattr(driver, "reset_peak_memory_stats"):
        driver.empty_cache()
        driver.reset_peak_memory_stats(number)
    one = PromptedLM(TEMPLATE, lm)
    ours = seconds(device, lambda: one.score(texts))
    ten = [PromptedLM(template, lm) for template in TEXT_LAST[:TEN]]
    all_ten = seconds(device, lambda: score_several(ten, texts))
    tokens = sum(map(len, one.tokens.read(texts)[0])) - len(one.tokens.shared) * (len(texts) - 1)
    peak = driver.max_memory_allocated(number) if hasattr(driver, "max_memory_allocated") else None
    return {
        "plain_s": plain, "ours_s": ours, "ratio": plain / ours, "of_ceiling": 2 * weights * tokens / ours / product,
        "ten_texts_s": TEN * len(texts) / all_ten, "ten_ratio": TEN * plain / all_ten,
        "peak_gb": None if peak is None else peak / 1e9, "weights_gb": held / 1e9,
        **{name: saved(device, lm, templates, texts) for name, templates in many.items()},
    }  # fmt: skip


def saved(device: str, lm: LanguageModel, templates: list[PromptTemplate], texts: tuple[str, ...]) -> dict[str, float]:
    """Seconds of prompts asked together, and the share of the time of as many single ones that is spared: of single
    ones as they are asked, which read their instruction once, and of ones that read every prompt whole."""
    prompted, whole = ([PromptedLM(template, lm) for template in templates] for _ in range(2))
    for one in whole:
        one.tokens.shared = []
    every = max(1, len(templates) // SINGLE)
    single, plain = (
        float(np.mean([seconds(device, lambda p=p: p.score(texts), 1) for p in asked[::every][:SINGLE]]))
        for asked in (prompted, whole)
    )
    started = time.perf_counter()
    score_several(prompted, texts)  # ends with its answers on the processor
    together = time.perf_counter() - started
    return {
        "together_s": together, "of_single": 1 - together / (single * len(templates)),
        "of_whole": 1 - together / (plain * len(templates)),
    }  # fmt: skip


def methods(device: str, texts: tuple[str, ...], tokenizer: Any, rows: int, tuned: int) -> dict[str, float]:
    """Seconds of embedding so many rows, and of a step of prefix tuning beside the processor's."""
    many = (texts * (rows // len(texts) + 1))[:rows]
    targets = np.eye(2, dtype=np.float32)[np.arange(rows) % 2]
    seen = Observations(many, targets, False, texts)
    reads = encoder(device, tokenizer)
    head = fit_head(reads.features(many), targets, C=Fisher.C)

    def differentiate(batch: Batch) -> None:
        torch.autograd.backward(reads.pool(reads.hidden(batch), batch.mask).sum())

    def both_ways() -> None:
        for _ in reads.passes(many, differentiate, backward=True):
            pass

    found = {
        "features_s": seconds(device, lambda: reads.features(many)),
        "functional_s": seconds(device, lambda: METHODS["functional"]().fit(reads, seen), 1),
        "fisher_s": seconds(device, lambda: METHODS["fisher"]().fit(reads, seen)),
        "fisher_sums_s": seconds(device, lambda: fisher_sums(reads, seen, head)),
    }
    reads.model.requires_grad_(True)
    found["both_ways_s"] = seconds(device, both_ways)
    few = Observations(many[:tuned], targets[:tuned], False, texts)
    for where, name in ((device, "prefix_step_s"), ("cpu", "prefix_processor_step_s")):
        on = encoder(where, tokenizer)
        one, three = (
            seconds(where, lambda e=epochs, on=on: METHODS["prefix"](preset="paper", epochs=e).fit(on, few), 1)
            for epochs in (1, 3)
        )
        found[name] = (three - one) / (2 * -(-(tuned - tuned // 5) // 32))
    return found


def main(given: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=["135M", "1.7B", "8B"])
    parser.add_argument("-n", type=int, default=512, help="probe texts")
    parser.add_argument("--rows", type=int, default=1000, help="of a dataset")
    parser.add_argument("--tuned", type=int, default=320, help="rows of prefix tuning")
    parser.add_argument("--many", type=int, default=100, help="prompts that the last model is asked together")
    parser.add_argument("--product", type=int, default=8192, help="rows and columns of the product that is the ceiling")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(given)
    device = find_device(args.device)
    exact_products()
    texts = load_probes(False, args.n).texts
    tokenizer = make_tokenizer(load_probes(False, 2048).texts)
    found: dict[str, Any] = {"device": said_of(device), "threads": torch.get_num_threads()}
    found |= {"texts": len(texts), "rows": args.rows, "many": args.many}
    found["differences"] = same_values(device, texts[:64], tokenizer, args.sizes[0])
    found["ceilings"] = ceilings(device, args.product)
    found["models"] = {}
    for size in args.sizes:
        many = {"first": TEXT_FIRST[: args.many], "last": TEXT_LAST[: args.many]} if size == args.sizes[-1] else {}
        found["models"][size] = timed(size, device, texts, tokenizer, found["ceilings"]["product"], many)
        gc.collect()
        getattr(driver_of(device)[0], "empty_cache", lambda: None)()
    found["methods"] = methods(
        device, texts, make_tokenizer(load_probes(False, 2048).texts, "right"), args.rows, args.tuned
    )
    found["ratio"] = min(one["ratio"] for one in found["models"].values())
    print(json.dumps(found, indent=2) if args.json else table(found))


def table(found: dict[str, Any]) -> str:
    difference, ceiling, method = found["differences"], found["ceilings"], found["methods"]
    lines = [
        f"{found['device']}: {ceiling['product'] / 1e12:.1f} TFLOP/s in bfloat16, {ceiling['copy'] / 1e9:.0f} GB/s",
        f"label probabilities beside the processor's float32: {difference['float32']:.1e} in float32 (bar 1e-4), "
        f"{difference['bfloat16']:.1e} in bfloat16 (bar 1e-2); features {difference['features']:.1e}",
        "",
        f"{found['texts']} texts   plain loop      ours   ratio  of ceiling  ten prompts  ratio  peak memory  weights",
    ]
    for size, one in found["models"].items():
        peak = "   not told" if one["peak_gb"] is None else f"{one['peak_gb']:8.1f} GB"
        lines.append(
            f"{size:10s} {one['plain_s']:9.2f} s {one['ours_s']:7.2f} s {one['ratio']:6.1f}x {one['of_ceiling']:10.0%} "
            f"{one['ten_texts_s']:6.0f} texts/s {one['ten_ratio']:4.1f}x {peak} "
            f"{one['weights_gb']:5.1f} GB"
        )
    return "\n".join([
        *lines, "",
        f"{found['many']} prompts of {size}, asked together; spared of the time of single ones, and of ones that read "
        "every prompt whole:",
        *(
            f"  text {name:5s} {one[name]['together_s']:7.1f} s   {one[name]['of_single']:4.0%}   "
            f"{one[name]['of_whole']:4.0%}"
            for name in ("first", "last")
        ),
        "",
        f"{found['rows']} rows: features {method['features_s']:.2f} s, functional with its heads on the processor "
        f"{method['functional_s']:.2f} s, fisher {method['fisher_s']:.2f} s, of which its sums are "
        f"{method['fisher_sums_s'] / method['both_ways_s']:.2f} x forward and backward",
        f"a step of prefix tuning: {1000 * method['prefix_step_s']:.0f} ms, "
        f"{method['prefix_processor_step_s'] / method['prefix_step_s']:.1f} x as fast as {found['threads']} threads "
        "of the processor",
    ])  # fmt: skip


if __name__ == "__main__":
    main()
