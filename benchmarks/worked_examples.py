"""What worked examples are worth: skill of a prompt, and whether it then lands where it belongs.

    python benchmarks/worked_examples.py [--model smollm2] [--examples 2,4,8] [--rows 100] [--json]

Of each family over single texts the first shipped prompt without examples, and the first shipped dataset with its
labels. Rows of the dataset's training half become examples (`fute prompts with-examples`, seed 0); its test rows give
balanced accuracy under the best renaming of the answers, made into skill. Each variant is placed into the shipped
atlas as a newcomer:

    as it ships       in the model's chat template, without examples
    to be continued   without the chat template, without examples
    N examples        to be continued
    4 in the chat     4 examples, all in one message of the chat template

For each variant: mean skill, prompts of skill 0.3 and more and 0.5 and more, how many have a dataset of their family
nearest (all; those of skill 0.3 and more), how many are told to do a job or to be its kin, how many of these rightly,
and the mean similarity to the dataset. The headline `ratio` is the mean skill with the most examples over that of the
prompt as it ships. About half an hour on one core from an empty store.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import fute_core as fute
from fute_core.cli.output import note
from fute_core.datasets.catalog import shipped_datasets
from fute_core.embedding.pipelines import embed_model
from fute_core.errors import BadInput
from fute_core.evaluation.parts.prompted import family_datasets, prompt_accuracy
from fute_core.evaluation.parts.rows import dataset_parts
from fute_core.predictors.prompted_lm import PromptedLM
from fute_core.store.unnamed import UnnamedStore
from fute_core.tasks import PromptTemplate
from fute_core.templates.loading import shipped_prompts

SHIPS, CONTINUED, IN_CHAT = "as it ships", "to be continued", "4 in the chat"
SOME_SKILL, SKILLED = 0.3, 0.5
CLAIMS = ("same", "kin")


def bases() -> Iterator[tuple[PromptTemplate, str]]:
    """The first plain prompt of each family, with a dataset that has its labels."""
    cards, seen = shipped_datasets(), set()
    for template in shipped_prompts().values():
        if template.pair or template.completion or template.family in seen:
            continue
        labels = {label.casefold() for label in template.labels}
        own = [d for d in family_datasets(template.family) if {x.casefold() for x in cards[d]["labels"]} == labels]
        if own:
            seen.add(template.family)
            yield template, own[0]


def variants(template: PromptTemplate, dataset: str, counts: list[int]) -> Iterator[tuple[str, PromptTemplate, bool]]:
    """Name, template, and whether it goes into the chat template."""
    yield SHIPS, template, True
    yield CONTINUED, replace(template, completion=True), False
    rows = dataset_parts(dataset).train
    for n in counts:
        try:
            made = fute.with_examples(template, rows, n)
        except BadInput as error:
            note(f"{template.name}: {error}")
            continue
        yield f"{n} examples", made, False
        if n == 4:
            yield IN_CHAT, made, True


def measured(model: str, counts: list[int], rows: int) -> list[dict]:
    """One row for each prompt and variant."""
    atlas, store, found = fute.open_atlas(store=False), UnnamedStore(), []
    for template, dataset in bases():
        for variant, made, chat in variants(template, dataset, counts):
            started = time.perf_counter()
            box = PromptedLM(made, model, chat=chat)
            skill = prompt_accuracy(box, made, dataset, store, rows)
            if skill is None:
                raise SystemExit(f"{made.name} cannot be asked the rows of {dataset}")
            placed = embed_model(
                box, fute.Recipe(), store, name=made.name, pair=False, kind="prompt", family=made.family
            )
            near = atlas.nearest_rows(placed, len(atlas.items), "dataset")
            verdict = atlas.verdict(placed)
            job = verdict.job if verdict else "none"
            row = {
                "family": template.family, "prompt": template.name, "dataset": dataset, "variant": variant,
                "skill": skill["skill"], "accuracy": skill["best_reading"], "nearest": near[0]["name"],
                "family_first": near[0]["family"] == template.family, "claimed": job in CLAIMS,
                "similarity": next(r["similarity"] for r in near if r["name"] == dataset),
            }  # fmt: skip
            found.append(row)
            place = f"{row['similarity']:5.2f} to {dataset}, nearest {row['nearest']}, {job}"
            took = time.perf_counter() - started
            note(f"{template.family:16s} {variant:16s} skill {row['skill']:5.2f}  {place}; {took:.0f} s")
    return found


def summary(rows: list[dict]) -> dict:
    """The figures of one variant."""
    skill, first = np.array([r["skill"] for r in rows]), np.array([r["family_first"] for r in rows])
    claimed = np.array([r["claimed"] for r in rows])
    able = skill >= SOME_SKILL
    return {
        "prompts": len(rows), "skill": float(skill.mean()), "some_skill": int(able.sum()),
        "skilled": int((skill >= SKILLED).sum()), "family_first": int(first.sum()),
        "able_family_first": int(first[able].sum()), "claimed": int(claimed.sum()),
        "claimed_rightly": int((claimed & first).sum()),
        "similarity": float(np.mean([r["similarity"] for r in rows])),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--examples", default="2,4,8", help="numbers of examples")
    parser.add_argument("--rows", type=int, default=100, help="test rows at most")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = measured(args.model, [int(n) for n in args.examples.split(",")], args.rows)
    tables = {v: summary([r for r in rows if r["variant"] == v]) for v in dict.fromkeys(r["variant"] for r in rows)}
    most = f"{args.examples.split(',')[-1]} examples"
    document = {"ratio": tables[most]["skill"] / tables[SHIPS]["skill"], "variants": tables, "rows": rows}
    if args.json:
        print(json.dumps(document, indent=1))
        return
    for variant, of in tables.items():
        skilled = f"at least .3: {of['some_skill']}  at least .5: {of['skilled']}"
        first = f"family first {of['family_first']} ({of['able_family_first']} of those with skill)"
        print(f"{variant:16s} n {of['prompts']}  skill {of['skill']:.2f}  {skilled}  {first}  claimed {of['claimed']}, "
              f"rightly {of['claimed_rightly']}  similarity {of['similarity']:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
