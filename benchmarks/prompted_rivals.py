"""A prompt's rate beside that of an earlier commit, of lm-evaluation-harness and of the arithmetic, turn by turn.

    python benchmarks/prompted_rivals.py [-n 512] [--at-once 32] [--repeats 3] [--before COMMIT] [--harness PYTHON]

Every side is a process of its own that has read its model, and they take turns, so that other work on the machine hits
all alike. `--before` reads the product as it was at a commit, from a git worktree that is removed afterwards.
`--harness` names a Python with lm-eval 0.4.13 (`pip install lm-eval[hf]==0.4.13` in an environment of its own), which
asks the same prompts and answers of the same weights in bfloat16, in batches of 32. The floor is what the multiply-adds
of this build take at the rate of a large bfloat16 `torch.matmul`, measured at every turn.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from prompted_lm import TEMPLATE

from fute_core.datasets.probes import load_probes
from fute_core.models.files import resolve_model
from fute_core.models.gguf import ALIASES
from fute_core.models.language import LanguageModel, load_language_model
from fute_core.models.precision import precision
from fute_core.predictors.prompted_lm import PromptedLM

HERE = Path(__file__).resolve().parent
SQUARE = 2048
"""Rows and columns of the large product."""


def multiply_adds(lm: LanguageModel, predictor: PromptedLM, texts) -> float:
    """What matrix products and attention of all prompts take once what they share at their start is known."""
    config = lm.model.config
    layers = sum(p.numel() for name, p in lm.model.named_parameters() if ".layers." in name and p.dim() == 2)
    shared = len(predictor.tokens.shared)
    read = np.array([len(ids) for ids in predictor.tokens.read(texts)[0]]) - shared
    seen = (read * shared + read * (read + 1) / 2).sum()
    width = config.num_attention_heads * config.head_dim
    return float(layers * read.sum() + 2 * width * config.num_hidden_layers * seen
                 + len(texts) * config.hidden_size * config.vocab_size)  # fmt: skip


def product_rate(clock) -> float:
    """Multiply-adds a second of a large bfloat16 product."""
    import torch

    square = torch.randn(SQUARE, SQUARE).to(torch.bfloat16)
    square @ square
    started = clock()
    for _ in range(5):
        square @ square
    return 5 * SQUARE**3 / (clock() - started)


def started(stack: ExitStack, python: str, kind: str, job: Path, root: Path) -> subprocess.Popen:
    """A side that has read its model."""
    path = os.pathsep.join((str(root), str(HERE)))
    side = stack.enter_context(
        subprocess.Popen(
            [python, str(HERE / "prompted_sides.py"), kind, str(job)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, env={**os.environ, "PYTHONPATH": path},
        )
    )  # fmt: skip
    if side.stdout.readline().strip() != "ready":
        raise SystemExit(f"The side {kind} does not start; run `{python} benchmarks/prompted_sides.py {kind} JOB`.")
    return side


def worktree(stack: ExitStack, folder: Path, commit: str) -> Path:
    """The product as it was at a commit."""
    root = folder / "before"
    git = ["git", "-C", str(HERE), "worktree"]
    subprocess.run([*git, "add", "--detach", str(root), commit], check=True, capture_output=True)
    stack.callback(subprocess.run, [*git, "remove", "--force", str(root)], check=True)
    return root


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=512, help="probe texts")
    parser.add_argument("--at-once", type=int, help="texts that the product is given at a time; by default all")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--before", help="a commit")
    parser.add_argument("--harness", help="a Python with lm-eval")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="count processor time: for a machine that others use, with one thread (OMP_NUM_THREADS=1)",
    )
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    texts = load_probes(False, args.n).texts
    lm = load_language_model(args.model)
    predictor = PromptedLM(TEMPLATE, lm)
    work = multiply_adds(lm, predictor, texts)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        job = folder / "job.json"
        job.write_text(json.dumps({
            "model": args.model, "folder": str(resolve_model(args.model, ALIASES)), "texts": texts,
            "at_once": args.at_once or args.n,
            "prompts": [predictor.tokens.text(text) for text in texts],
            "answers": [word for words in TEMPLATE.choices for word in words],
        }))  # fmt: skip
        sides = {"this build": started(stack, sys.executable, "own", job, HERE.parent)}
        if args.before:
            root = worktree(stack, folder, args.before)
            sides[f"at {args.before}"] = started(stack, sys.executable, "own", job, root)
        if args.harness:
            sides["lm-eval, hf, batch 32"] = started(stack, args.harness, "harness", job, HERE.parent)
        kind = "processor" if args.processor_time else "wall"
        clock = time.process_time if args.processor_time else time.perf_counter
        seconds = {name: [] for name in ("floor", *sides)}
        proba = {}
        for _ in range(args.repeats):
            seconds["floor"].append(work / product_rate(clock))
            for name, side in sides.items():
                side.stdin.write("\n")
                side.stdin.flush()
                run = json.loads(side.stdout.readline())
                seconds[name].append(run[kind])
                proba[name] = predictor.proba(np.array(run["scores"], np.float32))
        for side in sides.values():
            side.stdin.close()
    mine = np.array(seconds["this build"])
    report = {
        "texts": len(texts), "model": args.model, "precision": precision(), "clock": kind,
        "texts_per_second": {name: len(texts) / float(np.median(s)) for name, s in seconds.items()},
        "ratio": {name: float(np.median(np.array(s) / mine)) for name, s in seconds.items()},
        "label_probability_difference": {
            name: [float(np.abs(p - proba["this build"]).max()), float(np.abs(p - proba["this build"]).mean())]
            for name, p in proba.items() if name != "this build"
        },
    }  # fmt: skip
    if args.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{len(texts)} texts, {args.model}, {precision()}, {kind} time, median of {args.repeats} turns")
    for name, rate in report["texts_per_second"].items():
        print(f"  {name:24s} {rate:8.1f} texts/s  takes {report['ratio'][name]:5.2f} x the time of this build")
    for name, (most, mean) in report["label_probability_difference"].items():
        print(f"  label probabilities beside {name}: {most:.4f} at most, {mean:.4f} on average")


if __name__ == "__main__":
    main()
