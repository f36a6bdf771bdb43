"""What a reasoning turn is worth: skill of a prompt that answers at once, and of one that lets the model think first.

    python benchmarks/reasoning.py [--model smollm2] [--families sentiment,topic] [--rows 50] [--tokens 64]
                                   [--quick] [--json]

Of each family over single texts the first shipped prompt without examples, and the first shipped dataset with its
labels, in the model's chat template. Its test rows give accuracy and skill, balanced accuracy under the best renaming
of the answers above chance. Asked in two ways:

    at once       as it ships
    thinks first  the same with "Let's think step by step." at its end; the model's own words, then "Therefore, the
                  answer is" (Kojima et al. 2022)

For each way: mean skill, mean accuracy, prompts of skill 0.3 and more, the mean share of probability on no answer
choice, and seconds a text, of a model that is loaded. The headline `ratio` is the mean skill of the second over that of
the first; `slower` is how many times the seconds are. Nothing is taken from the user's store, so that all is timed.
--quick asks 8 rows of 2 families with 8 tokens, to see that it runs. With --json the first thoughts of each prompt
stand beside the figures.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from worked_examples import SOME_SKILL, bases

from fute_core.cli.output import note
from fute_core.evaluation.parts.prompted import prompt_accuracy
from fute_core.evaluation.parts.rows import test_rows
from fute_core.models.language import LanguageModel, load_language_model
from fute_core.predictors.answers import read_answers
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.scratch import ScratchFolder
from fute_core.store.store import Store
from fute_core.tasks import PromptTemplate, Reasoning

AT_ONCE, THINKS = "at once", "thinks first"
FAMILIES = "sentiment,topic,toxicity,question type,emotion,spam"
STEP_BY_STEP = "Let's think step by step."
SHOWN = 3


def ways(template: PromptTemplate, tokens: int) -> Iterator[tuple[str, PromptTemplate]]:
    """Both ways of asking one thing."""
    yield AT_ONCE, template
    source = f"{template.source.rstrip()}\n\n{STEP_BY_STEP}"
    yield THINKS, replace(template, source=source, reasoning=Reasoning(max_tokens=tokens))


def measured(lm: LanguageModel, families: list[str], rows: int, tokens: int) -> list[dict]:
    """One row for each prompt and way."""
    found = []
    with ScratchFolder() as folder:
        store = Store(folder)
        for template, dataset in bases():
            if template.family not in families:
                continue
            texts = test_rows(dataset, rows).texts
            for way, made in ways(template, tokens):
                box = PromptedLM(made, lm, chat=True)
                box.score(texts[:1])  # what is made once, such as the shared beginning
                started = time.perf_counter()
                skill = prompt_accuracy(box, made, dataset, store, rows)
                seconds = time.perf_counter() - started
                if skill is None:
                    raise SystemExit(f"{made.name} cannot be asked the rows of {dataset}")
                known = read_answers(box, store, texts)
                row = {
                    "family": template.family, "prompt": template.name, "dataset": dataset, "way": way,
                    "rows": skill["rows"], "skill": skill["skill"], "accuracy": skill["accuracy"],
                    "outside": round(float(known.outside.mean()), 4), "seconds": round(seconds / skill["rows"], 4),
                    "thoughts": list((known.thoughts or ())[:SHOWN]),
                }  # fmt: skip
                found.append(row)
                note(f"{template.family:16s} {way:12s} skill {row['skill']:5.2f}  accuracy {row['accuracy']:.2f}  "
                     f"elsewhere {row['outside']:.2f}  {row['seconds']:.3f} s a text")  # fmt: skip
    return found


def summary(rows: list[dict]) -> dict:
    """The figures of one way."""
    skill = np.array([r["skill"] for r in rows])
    means = {name: round(float(np.mean([r[name] for r in rows])), 4) for name in ("accuracy", "outside", "seconds")}
    able = int((skill >= SOME_SKILL).sum())
    return {"prompts": len(rows), "skill": round(float(skill.mean()), 4), "some_skill": able, **means}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--families", default=FAMILIES, help="by default those with most shipped prompts")
    parser.add_argument("--rows", type=int, default=50, help="test rows at most")
    parser.add_argument("--tokens", type=int, default=64, help="tokens to think")
    parser.add_argument("--quick", action="store_true", help="8 rows of 2 families, 8 tokens")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    families = args.families.split(",")
    families, rows, tokens = (families[:2], 8, 8) if args.quick else (families, args.rows, args.tokens)
    found = measured(load_language_model(args.model), families, rows, tokens)
    tables = {way: summary([r for r in found if r["way"] == way]) for way in (AT_ONCE, THINKS)}
    plain, thinks = tables[AT_ONCE], tables[THINKS]
    slower = thinks["seconds"] / plain["seconds"]
    ratio = thinks["skill"] / plain["skill"] if plain["skill"] else None
    document = {"ratio": ratio, "slower": slower, "tokens": tokens, "ways": tables, "rows": found}
    if args.json:
        print(json.dumps(document, indent=1))
        return
    for way, of in tables.items():
        told = f"accuracy {of['accuracy']:.2f}  elsewhere {of['outside']:.2f}  {of['seconds']:.3f} s a text"
        print(f"{way:12s} n {of['prompts']}  skill {of['skill']:.2f}  at least .3: {of['some_skill']}  {told}")
    print(f"{slower:.0f} times as long")


if __name__ == "__main__":
    main()
