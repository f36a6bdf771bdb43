"""Seconds, peak memory and vector size of every method on the same 512 texts, each in a fresh process.

    python benchmarks/methods.py [--texts 512] [--original] [--processor-time] [--json]

The texts are training rows of SST-2 with their labels. `first` is the first item of a space, `seconds` every later
one: methods with probe texts read those once for all items. Prefix tuning at the paper's settings trains up to 120
epochs and stops four after the best dev loss; `--original` adds the 60 epochs without early stopping that the method
was first published with (minutes). The headline `ratio` is prefix tuning at the paper's settings over Fisher.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

from fute_core.datasets.catalog import load_dataset
from fute_core.datasets.probes import load_probes
from fute_core.embedding.recipe import Recipe
from fute_core.methods import Observations
from fute_core.models.surrogate import load_surrogate
from fute_core.store.store import Store

METHODS = {
    "text": ("text", {}),
    "functional": ("functional", {}),
    "fisher": ("fisher", {}),
    "fused": ("fused", {}),
    "lora": ("lora", {}),
    "prefix": ("prefix", {}),
    "prefix, paper": ("prefix", {"preset": "paper"}),
    "prefix, original": ("prefix", {"preset": "paper", "epochs": 60, "patience": 0}),
}


def measure(name: str, n: int, clock: Callable[[], float]) -> dict:
    """Seconds, peak resident memory and vector length of one method, in this process."""
    method_name, params = METHODS[name]
    method = Recipe(method_name, params).build()
    data = load_dataset("sst2", limit=n)
    probes = load_probes().texts if method.needs_probes else ()
    surrogate = load_surrogate()
    surrogate.features(data.texts[:8])  # the first call of a process is slower
    shared = 0.0
    with tempfile.TemporaryDirectory() as folder:
        if probes:
            surrogate = surrogate.keeping_in(Store(folder))
            began = clock()
            surrogate.features(probes)
            shared = clock() - began
        began = clock()
        fitted = method.fit(surrogate, Observations(data.texts, data.targets, probes=probes))
        seconds = clock() - began
    return {
        "seconds": seconds,
        "first": seconds + shared,
        "peak_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "numbers": len(fitted.vector),
        "details": dict(fitted.details),
    }


def in_a_fresh_process(name: str, n: int, options: Sequence[str]) -> dict:
    command = [sys.executable, __file__, "--one", name, "--texts", str(n), *options]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=512)
    parser.add_argument("--original", action="store_true", help="train 60 epochs without early stopping as well")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="count processor time: for a machine that others use, with one thread (OMP_NUM_THREADS=1)",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", choices=METHODS, help=argparse.SUPPRESS)
    args = parser.parse_args()
    clock = time.process_time if args.processor_time else time.perf_counter
    if args.one:
        print(json.dumps(measure(args.one, args.texts, clock)))
        return
    names = [name for name in METHODS if args.original or name != "prefix, original"]
    options = ["--processor-time"] if args.processor_time else []
    found = {name: in_a_fresh_process(name, args.texts, options) for name in names}
    fisher = found["fisher"]["seconds"]
    report = {
        "ratio": found["prefix, paper"]["seconds"] / fisher,
        "texts": args.texts,
        "methods": found,
    }
    if args.json:
        print(json.dumps(report, indent=2))
        return
    print(f"{args.texts} texts of SST-2, one item each, every method in a fresh process")
    print(f"  {'method':16s} {'seconds':>8s} {'first':>8s} {'x fisher':>9s} {'peak MB':>8s} {'numbers':>8s}")
    for name, f in found.items():
        print(
            f"  {name:16s} {f['seconds']:8.2f} {f['first']:8.2f} {f['seconds'] / fisher:9.2f} "
            f"{f['peak_megabytes']:8.0f} {f['numbers']:8d}"
        )
    for name in names[list(METHODS).index("prefix, paper") :]:
        f = found[name]
        print(f"  {name} trains {f['details']['epochs']} epochs: {f['seconds'] / fisher:.1f} x")


if __name__ == "__main__":
    main()
