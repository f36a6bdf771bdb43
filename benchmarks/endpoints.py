"""How near a reading over an endpoint comes to the same weights at hand, for first tokens and for whole choices.

    python benchmarks/endpoints.py [-n 32] [--tops 20] [--base-url URL --endpoint-model NAME] [--apis NAME ...] [--json]

Without an address a server of this script answers, which speaks the OpenAI API over loopback and gives so many of the
likeliest tokens. With one, its server has to hold the same model (SmolLM2-135M-Instruct), such as llama.cpp's. First
tokens are compared with the probability of each choice's first token at hand, whole choices with `PromptedLM`.
Similarity is linear CKA of the answers, the difference that of label probabilities.
"""

import argparse
import contextlib
import json
import sys
from pathlib import Path

import numpy as np
from text_answers import similarity

from fute_core.datasets.probes import load_probes
from fute_core.models.language import load_language_model
from fute_core.predictors.endpoint import EndpointPredictor
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.predictors.scoring import label_probabilities
from fute_core.templates.loading import shipped_prompts

SERVER = Path(__file__).parents[1] / "tests" / "support"
PROMPTS = ("sentiment-01-review-question", "topic-01-news-question", "sentiment-02-four-reviews")


def first_tokens(asked: PromptedLM, texts) -> np.ndarray:
    """Label distributions (n, k) by the first token of each choice, at hand."""
    import torch

    lm, tokens = asked.lm, asked.tokens
    firsts = [ids[0] for ids in tokens.choices]
    rows = []
    with torch.inference_mode():
        for ids in tokens.read(texts)[0]:
            logits = lm.model(input_ids=torch.tensor([ids])).logits[0, -1].float()
            rows.append(torch.log_softmax(logits, 0)[firsts].numpy())
    return label_probabilities(np.array(rows), asked._owner)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, default=32, help="probe texts")
    parser.add_argument("--tops", type=int, default=20, help="likeliest tokens that the server of this script gives")
    parser.add_argument("--prompts", nargs="+", default=PROMPTS)
    parser.add_argument("--apis", nargs="+", help="by default chat, and for prompts to be continued the two others")
    parser.add_argument("--base-url")
    parser.add_argument("--endpoint-model", default="tiny")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    texts = load_probes(False, args.n).texts
    lm = load_language_model("smollm2")
    if args.base_url is None:
        sys.path.append(str(SERVER))
        from openai_server import Behaviour, serve

        own = serve(Behaviour(lm, most=args.tops))
    else:
        own = contextlib.nullcontext(args.base_url)
    rows = []
    with own as url:
        for name in args.prompts:
            template = shipped_prompts()[name]
            for api in args.apis or (("next-token", "completions") if template.completion else ("chat",)):
                here = PromptedLM(template, lm, chat=api == "chat")
                local = here.predict_proba(texts) if api == "completions" else first_tokens(here, texts)
                asked = EndpointPredictor(template, url, args.endpoint_model, mode=api, timeout=600.0)
                raw = asked.score(texts)
                there = asked.proba(raw)
                read = ~np.isnan(there).any(1)
                seen = np.isfinite(raw[:, : len(asked._verbalizers)]).mean()
                off = np.abs(there[read] - local[read])
                rows.append(
                    {"prompt": name, "api": api, "answered": float(read.mean()), "choices_seen": float(seen),
                     "similarity": similarity(local, there), "largest_difference": float(off.max(initial=0.0)),
                     "mean_difference": float(off.mean()) if off.size else float("nan")}
                )  # fmt: skip
    ratio = float(np.nanmin([row["similarity"] for row in rows]))
    if args.json:
        print(json.dumps({"ratio": ratio, "texts": args.n, "tops": args.tops, "rows": rows}, indent=2))
        return
    print(f"{args.n} texts, {args.base_url or f'own server, {args.tops} tokens'}; lowest similarity {ratio:.3f}")
    for row in rows:
        figures = "  ".join(f"{key} {value:.3f}" for key, value in row.items() if key not in ("prompt", "api"))
        print(f"  {row['prompt']:32s} {row['api']:12s} {figures}")


if __name__ == "__main__":
    main()
