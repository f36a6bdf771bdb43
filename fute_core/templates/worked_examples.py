"""Worked examples before a prompt's own question: rows of a labelled dataset, each with its answer (few-shot prompts).

The examples become part of the template, so that they can be read, changed and asked as any other prompt.
"""

import re
from dataclasses import replace

import numpy as np

from fute_core.arguments import of_kind, whole_numbers
from fute_core.display import counted, listed
from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate, TaskDataset, Text, label_key
from fute_core.templates.cloze import is_cloze
from fute_core.templates.reasoning import refuse_reasoning
from fute_core.templates.rendering import render, validate

BETWEEN = "\n\n"
"""What stands between two examples, as in lm-evaluation-harness."""
LONGEST = 500
"""Characters of the longest text that is taken for an example."""


def with_examples(
    template: PromptTemplate, dataset: TaskDataset, n: int = 4, *, seed: int = 0, longest: int = LONGEST
) -> PromptTemplate:
    """Put worked examples before a prompt (few-shot prompting; Brown et al. 2020, section 2).

    Rows are drawn from each label in turn, so that labels are as even as `n` allows, and then mixed. An example is the
    prompt itself on the row's text, followed by the first answer word of the row's label.

    Parameters
    ----------
    template : PromptTemplate
        The prompt.
    dataset : TaskDataset
        Labelled rows; labels are matched with the prompt's by name, in upper or lower case.
    n : int, default 4
        How many examples.
    seed : int, default 0
        Which rows are drawn, and their order.
    longest : int, default 500
        Rows with more characters than this are not drawn; of a pair both texts together.

    Returns
    -------
    PromptTemplate
        Named after the prompt and the number, and a seed other than 0. It is written to be continued as it is, not put
        into a chat template.

    Raises
    ------
    BadInput
        Where the prompt and the dataset do not go together, for fewer than `n` rows, and for examples that are too
        long for a template.

    Examples
    --------
    >>> import fute_core as fute
    >>> prompt = fute.Prompt("Review: {{ text }}\\nGood or bad?", ["good", "bad"], name="plain")
    >>> reviews = fute.Dataset(["fine", "dull", "great", "weak"], ["good", "bad"] * 2, name="films")
    >>> fute.with_examples(prompt, reviews, 2).name
    'plain · 2 examples'
    """
    of_kind("a fute.Prompt", PromptTemplate, template=template)
    of_kind("a fute.Dataset", TaskDataset, dataset=dataset)
    whole_numbers(n=n, seed=seed)
    if n < 1:
        raise BadInput(f"n is {n}; ask for one worked example or more.")
    if seed < 0:
        raise BadInput(f"seed is {seed}; give 0 or more.")
    refuse_reasoning(
        template,
        "examples with their answers alone would show it not to; take its reasoning turn away, or write "
        "examples that reason into the template.",
    )
    _check_together(template, dataset)
    answers = _answers(template, dataset)
    rows = _drawn(dataset, answers, n, seed, longest)
    shown = [_example(template, dataset.texts[row], answers[int(dataset.targets[row].argmax())]) for row in rows]
    source = BETWEEN.join([*map(_literal, shown), template.source])
    name = f"{template.name} · {counted(n, 'example')}{f', seed {seed}' if seed else ''}"
    made = replace(template, name=name, source=source, completion=True)
    validate(made)
    return made


def _check_together(template: PromptTemplate, dataset: TaskDataset) -> None:
    if template.pair != dataset.pair:
        reads, has = ("pairs of texts", "single texts")[:: 1 if template.pair else -1]
        raise BadInput(f"Prompt {template.name!r} reads {reads}, and {dataset.name!r} has {has}; give one like it.")
    if dataset.regression:
        raise BadInput(f"{dataset.name!r} has scores and no labels, so its rows have no answer; give one with labels.")


def _answers(template: PromptTemplate, dataset: TaskDataset) -> dict[int, str]:
    """The answer word of each label of the dataset that the prompt has, too."""
    words = {label_key(label): said[0] for label, said in zip(template.labels, template.choices, strict=True)}
    found = {place: words[label_key(label)] for place, label in enumerate(dataset.labels) if label_key(label) in words}
    if len(found) < 2:
        raise BadInput(
            f"The labels of prompt {template.name!r} ({listed(template.labels)}) and of {dataset.name!r} "
            f"({listed(dataset.labels)}) share {'one' if found else 'no'} name; call the prompt's as the dataset's."
        )
    return found


def _drawn(dataset: TaskDataset, answers: dict[int, str], n: int, seed: int, longest: int) -> list[int]:
    """Positions of the rows that become examples, each text once."""
    generator = np.random.default_rng(seed)
    truth = dataset.targets.argmax(1)
    first = {text: row for row, text in reversed(list(enumerate(dataset.texts)))}
    fit = [row for text, row in first.items() if _length(text) <= longest and int(truth[row]) in answers]
    if len(fit) < n:
        raise BadInput(
            f"{dataset.name!r} has {len(fit)} rows of at most {longest} characters with a label of the prompt, and {n} "
            "examples are wanted; ask for fewer, or for longer ones."
        )
    mixed = generator.permutation(sorted(fit))
    turns: dict[int, int] = {}
    label_order = {int(label): place for place, label in enumerate(generator.permutation(list(answers)))}
    ranked = []
    for row in mixed:  # the first row of every label comes before the second of any
        label = int(truth[row])
        turns[label] = turns.get(label, -1) + 1
        ranked.append((turns[label], label_order[label], int(row)))
    chosen = [row for *_, row in sorted(ranked)[:n]]
    return [int(row) for row in generator.permutation(chosen)]


def _example(template: PromptTemplate, text: Text, answer: str) -> str:
    if is_cloze(template):
        return render(template, text, answer)
    return render(template, text).rstrip() + _before_answer(template) + answer


def _before_answer(template: PromptTemplate) -> str:
    """What stands between prompt and answer when the model is asked, so that examples look like the question."""
    return template.source[len(template.source.rstrip()) :] or template.delimiter


def _literal(text: str) -> str:
    """Write a text so that Jinja renders it as it is: braces that would open an expression become expressions."""
    return re.sub(r"\{(?=[{%#])", "{{ '{' }}", text)


def _length(text: Text) -> int:
    return len(text) if isinstance(text, str) else sum(map(len, text))
