"""What the exact Fisher costs beside a plain forward and backward pass of the same texts, all in one run.

    python benchmarks/fisher_cost.py [--texts 512] [--repeats 5] [--processor-time] [--json]

Both sides read the same batches and differentiate the same loss with respect to activations only. Beside them stand
per-example gradients by `torch.func` and BackPACK's sum of squared gradients on the same Linear layers
(`pip install --no-deps -r requirements-bench.txt`). Peak memory is that of a fresh process, for a quarter of the texts
and for all.
"""

import argparse
import copy
import json
import resource
import subprocess
import sys
import time

import numpy as np

from fute_core.datasets.catalog import load_dataset
from fute_core.methods import Observations
from fute_core.methods.fisher import Fisher, _logits, _losses, fisher_sums
from fute_core.methods.heads import Head, fit_head
from fute_core.models.encoder import Surrogate
from fute_core.models.surrogate import load_surrogate


def workload(n: int) -> tuple[Surrogate, Observations, Head]:
    """n rows of a shipped dataset with their labels, and the head fitted on them, as the Fisher method does."""
    surrogate = load_surrogate()
    data = load_dataset("tweet_emotion", limit=n)
    head = fit_head(surrogate.features(data.texts), data.targets, C=Fisher().C)
    return surrogate, Observations(data.texts, data.targets), head


def plain(surrogate: Surrogate, observations: Observations, head: Head) -> None:
    """Forward and backward to the embeddings, nothing kept."""
    import torch

    targets = torch.from_numpy(observations.targets)
    for batch in surrogate.batches(observations.texts):
        with torch.enable_grad():
            (_, loss), = _start(surrogate, batch, head, targets)  # fmt: skip
            loss.sum().backward()


def _start(surrogate: Surrogate, batch, head: Head, targets):
    handle = surrogate.model.get_input_embeddings().register_forward_hook(lambda _m, _a, out: out.requires_grad_())
    try:
        return _losses(_logits(surrogate, batch, head), targets[batch.index], "empirical", False)
    finally:
        handle.remove()


def by_torch_func(
    surrogate: Surrogate, observations: Observations, head: Head, chunk: int = 8
) -> dict[str, np.ndarray]:
    """Per-example weight gradients of every encoder Linear by vmap(grad), squared and summed, by layer."""
    import torch
    from torch.func import functional_call, grad, vmap

    model = copy.deepcopy(surrogate.model)
    model.set_attn_implementation("eager")  # vmap has no rule for the fused attention's backward pass
    weights = {f"{n}.weight": m.weight for n, m in model.named_modules() if _encoder_linear(n, m)}
    head_t = [torch.from_numpy(a) for a in (head.mean, head.scale, head.weight, head.bias)]

    def loss(weights, ids, mask, target):
        # A mask to be added to the scores, since vmap cannot look into one of padding.
        added = (1.0 - mask.float()).expand(1, 1, len(mask), -1) * torch.finfo(torch.float32).min
        hidden = functional_call(model, weights, (), {"input_ids": ids[None], "attention_mask": added})
        pooled = surrogate.pool(hidden.last_hidden_state, mask[None].float())
        logits = (pooled - head_t[0]) / head_t[1] @ head_t[2].T + head_t[3]
        return -(target * torch.log_softmax(logits, 1)[0]).sum()

    per_example = vmap(grad(loss), in_dims=(None, 0, 0, 0))
    total = dict.fromkeys(weights, 0.0)
    for batch in surrogate.batches(observations.texts):
        ids, mask = batch.inputs["input_ids"], batch.inputs["attention_mask"]
        target = torch.from_numpy(observations.targets[batch.index])
        for at in range(0, len(ids), chunk):
            part = slice(at, at + chunk)
            grads = per_example(weights, ids[part], mask[part], target[part])
            for name, g in grads.items():
                total[name] = total[name] + g.square().sum((0, 2)).double().numpy()
    return {name.removesuffix(".weight"): value / len(observations.texts) for name, value in total.items()}


def by_backpack(surrogate: Surrogate, observations: Observations, head: Head) -> dict[str, np.ndarray]:
    """BackPACK's SumGradSquared on every encoder Linear, by layer."""
    import torch
    from backpack import backpack, extend
    from backpack.extensions import SumGradSquared

    mine = copy.copy(surrogate)
    mine.model = copy.deepcopy(surrogate.model)
    linears = {n: m for n, m in mine.model.named_modules() if _encoder_linear(n, m)}
    for linear in linears.values():
        extend(linear)
        linear.weight.requires_grad_(True)
    targets = torch.from_numpy(observations.targets)
    total = dict.fromkeys(linears, 0.0)
    for batch in mine.batches(observations.texts):
        with torch.enable_grad(), backpack(SumGradSquared()):
            ((_, loss),) = _losses(_logits(mine, batch, head), targets[batch.index], "empirical", False)
            loss.sum().backward()
        for name, m in linears.items():
            total[name] = total[name] + m.weight.sum_grad_squared.sum(1).double().numpy()
        mine.model.zero_grad()
    return {name: value / len(observations.texts) for name, value in total.items()}


def _encoder_linear(name: str, module) -> bool:
    import torch

    return isinstance(module, torch.nn.Linear) and not name.startswith("pooler")


def peak_megabytes(n: int) -> float:
    """Peak resident memory of a fresh process that reads n texts."""
    out = subprocess.run(
        [sys.executable, __file__, "--memory", str(n)], capture_output=True, text=True, check=True
    ).stdout
    return float(out.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="count processor time: for a machine that others use, with one thread (OMP_NUM_THREADS=1)",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--memory", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.memory:
        fisher_sums(*workload(args.memory))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    # First of all, since on Linux a process starts with the peak of the one that started it.
    memory = {n: peak_megabytes(n) for n in (args.texts // 4, args.texts)}
    clock = time.process_time if args.processor_time else time.perf_counter
    work = workload(args.texts)
    sides = {"forward + backward": plain, "Fisher (Gram identity)": fisher_sums}
    seconds = {name: [] for name in sides}
    for side in sides.values():
        side(*work)
    for _ in range(args.repeats):
        for name, side in sides.items():
            started = clock()
            side(*work)
            seconds[name].append(clock() - started)
    exact = fisher_sums(*work)
    largest = max(value.max() for value in exact.values())
    differences = {}
    for name, side in {"torch.func per example": by_torch_func, "BackPACK SumGradSquared": by_backpack}.items():
        try:
            side(*workload(8))  # the first call of a process is slower
            started = clock()
            other = side(*work)
        except ImportError as error:
            print(f"{name} left out: {error}", file=sys.stderr)
            continue
        seconds[name] = [clock() - started]
        differences[name] = float(max(np.abs(other[layer] - exact[layer]).max() for layer in exact) / largest)
    median = {name: float(np.median(s)) for name, s in seconds.items()}
    base = median["forward + backward"]
    report = {
        "ratio": median["Fisher (Gram identity)"] / base,
        "texts": args.texts,
        "seconds": median,
        "ratios": {name: s / base for name, s in median.items()},
        "max_relative_difference": differences,
        "peak_megabytes": memory,
    }
    if args.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{args.texts} texts, median of {args.repeats} interleaved runs")
    for name, s in median.items():
        print(f"  {name:28s} {s:8.2f} s  {s / base:6.2f} x")
    for name, difference in differences.items():
        print(f"  largest difference to {name}: {difference:.1e} of the largest entry")
    for n, megabytes in memory.items():
        print(f"  peak memory at {n} texts: {megabytes:.0f} MB")


if __name__ == "__main__":
    main()
