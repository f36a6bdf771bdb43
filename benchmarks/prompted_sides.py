"""One side of `prompted_lm.py --before COMMIT --harness PYTHON`: it scores the same prompts whenever it is told to.

    python benchmarks/prompted_sides.py own|harness JOB

JOB is a JSON file with texts, prompts, answers and the model's folder. Each line on standard input asks for one run;
the answer is a line of JSON with its seconds, processor seconds and scores.
"""

import json
import sys
import time
from pathlib import Path

BATCH = 32


def own(job: dict):
    """The product, whichever copy of it is on the path."""
    from prompted_lm import TEMPLATE

    from fute_core.models.language import load_language_model
    from fute_core.predictors.prompted_lm import PromptedLM

    predictor = PromptedLM(TEMPLATE, load_language_model(job["model"]))
    step = job["at_once"]

    def score(n: int | None):
        texts = job["texts"][:n]
        return [row for i in range(0, len(texts), step) for row in predictor.score(texts[i : i + step]).tolist()]

    return score


def harness(job: dict):
    """lm-evaluation-harness as its users run it: `hf`, the model's own dtype, batches of 32."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    lm = HFLM(pretrained=job["folder"], dtype="bfloat16", batch_size=BATCH, device="cpu")

    def score(n: int | None):
        asked = [
            Instance("loglikelihood", {}, (prompt, answer), 0)
            for prompt in job["prompts"][:n]
            for answer in job["answers"]
        ]
        found = [log_p for log_p, _ in lm.loglikelihood(asked, disable_tqdm=True)]
        return [found[i : i + len(job["answers"])] for i in range(0, len(found), len(job["answers"]))]

    return score


def main() -> None:
    said = sys.stdout
    sys.stdout = sys.stderr  # what models and bars print is no answer
    job = json.loads(Path(sys.argv[2]).read_text())
    score = {"own": own, "harness": harness}[sys.argv[1]](job)
    score(BATCH)
    print("ready", file=said, flush=True)
    for _ in sys.stdin:
        wall, processor = time.perf_counter(), time.process_time()
        scores = score(None)
        report = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor, "scores": scores}
        print(json.dumps(report), file=said, flush=True)


if __name__ == "__main__":
    main()
