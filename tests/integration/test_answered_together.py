"""Prompts of one model in a job are answered together, and each becomes what it is alone."""

import json
from dataclasses import replace

import numpy as np
import pytest
from command_line import fute
from tiny_language_models import saved

from fute_core import jobs
from fute_core.embedding import beside
from fute_core.embedding.beside import answer_together, model_asked
from fute_core.embedding.fulfil import embed_request
from fute_core.embedding.opening import predictor_of
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import Cancelled
from fute_core.predictors import several
from fute_core.predictors.answers import known_as
from fute_core.store.store import Store, open_store
from fute_core.templates.loading import shipped_prompts

PROMPT = """prompts:
  - name: {name}
    choices: {{bad: [bad], good: [good, fine]}}
    template: "{{{{ text }}}} the film was {end}:"
"""
N = 40


@pytest.fixture
def requests(tmp_path):
    model = str(saved(tmp_path / "tiny", "llama"))
    for i in range(5):
        (tmp_path / f"mine{i}.yaml").write_text(PROMPT.format(name=f"mine{i}", end="very " * i + "so"))
    return [
        EmbedRequest(
            "prompt", str(tmp_path / f"mine{i}.yaml"), model=model, template=f"mine{i}", probes=N, method="text"
        )
        for i in range(5)
    ]


@pytest.fixture
def together(monkeypatch):
    """How many prompts were asked about how many texts, each time."""
    asked, plain = [], several.score_several
    monkeypatch.setattr(
        several,
        "score_several",
        lambda prompted, texts: asked.append((len(prompted), len(texts))) or plain(prompted, texts),
    )
    return asked


def answers_of(request, store):
    predictor, facts = predictor_of(request)
    return store.get_answers(known_as(predictor), request.recipe.probes(facts["pair"]).texts)[0]


def test_a_job_asks_its_prompts_together_and_gives_what_each_gives_alone(requests, together, tmp_path):
    store = open_store()
    job = jobs.run_job(jobs.create_job(requests, store), backend="sequential")
    assert [item.state for item in job.items] == ["done"] * 5
    assert together == [(5, 25), (5, 15)]
    alone = Store(tmp_path / "alone")
    for request, item in zip(requests, job.items, strict=True):
        expected = embed_request(request, alone)
        assert item.key == expected.key
        np.testing.assert_allclose(store.get_embedding(item.key).vector, expected.vector, atol=1e-4)
        assert item.texts_done == item.texts_total == N
    files = [json.loads((job.folder / "items" / f"{i}.json").read_text()) for i in range(5)]
    assert [told["texts_done"] for told in files] == [N] * 5
    assert job.items[0].measured_texts == 5 * N, "its pace is that of one prompt"
    assert job.items[0].measured_tokens > 5 * N
    assert 1e7 < job.peak_memory < 1e12


def test_two_workers_share_the_prompts_and_none_is_asked_twice(requests, together):
    job = jobs.run_job(jobs.create_job(requests, open_store()), backend="threading", n_jobs=2)
    assert [item.state for item in job.items] == ["done"] * 5
    assert sorted(n for n, texts in together if texts == 32) == [2, 3]


def test_a_prompt_that_cannot_be_asked_fails_alone(requests, together):
    broken = EmbedRequest("prompt", "/nowhere.yaml", model=requests[0].model, template="x", probes=N, method="text")
    store = open_store()
    answer_together([broken, *requests[:2]], store)
    assert together == [(2, 32), (2, 8)]
    assert all(row is not None for row in answers_of(requests[0], store))


def test_what_is_answered_is_not_asked_again(requests, together):
    store = open_store()
    known = embed_request(requests[0], store)
    answer_together(requests[:3], store)
    assert together == [(2, 32), (2, 8)]
    answer_together(requests[:3], store)
    assert len(together) == 2
    assert embed_request(requests[0], store).key == known.key


def test_a_stop_keeps_what_was_answered(requests):
    store = open_store()
    with pytest.raises(Cancelled, match="32 of 40 probe texts; they are kept"):
        answer_together(requests[:2], store, should_stop=lambda: True)
    assert [row is not None for row in answers_of(requests[1], store)] == [True] * 32 + [False] * 8


@pytest.mark.parametrize("options", [{"base_url": "http://127.0.0.1:1/v1"}, {"text": True}, {"settle": 0.95}])
def test_what_is_asked_elsewhere_or_in_steps_is_asked_alone(options):
    assert model_asked(EmbedRequest("prompt", "a", model="m", options=options)) is None
    assert model_asked(EmbedRequest("dataset", "sst2")) is None


def test_prompts_of_another_model_or_other_texts_are_asked_apart():
    def asked(ref, model="smollm2", probes=64):
        return model_asked(EmbedRequest("prompt", ref, model=model, probes=probes))

    assert asked("sentiment-12-faces") == asked("acceptability-05-letters") is not None
    assert asked("sentiment-12-faces") != asked("acceptability-05-letters", model="gemma3-270m")
    assert asked("sentiment-12-faces") != asked("acceptability-05-letters", probes=32)
    pairs = next(name for name, template in shipped_prompts().items() if template.pair)
    assert asked("sentiment-12-faces") != asked(pairs), "they have other probe texts"
    assert asked("nowhere.yaml") is None


def test_a_part_is_as_much_as_is_soon_done_and_more_on_an_accelerator(monkeypatch):
    assert [beside.texts_at_once(prompts) for prompts in (1, 4, 16, 100)] == [32, 32, 8, 8]
    monkeypatch.setattr("fute_core.embedding.answering.chose_processor", lambda: False)
    assert beside.texts_at_once(16) == 512


def test_items_that_are_answered_beside_another_are_as_far_as_it(requests, monkeypatch):
    store, seen = open_store(), []
    job = jobs.create_job(requests, store)
    plain = several.score_several

    def looking(prompted, texts):
        seen.append([item.texts_done for item in jobs.load_job(job.id).items])
        return plain(prompted, texts)

    monkeypatch.setattr("fute_core.jobs.work.EVERY_SECONDS", 0)
    monkeypatch.setattr("fute_core.jobs.board.EVERY_SECONDS", 0.01)
    monkeypatch.setattr(several, "score_several", looking)
    jobs.run_job(job, backend="sequential")
    assert len(seen) == 2
    written = [json.loads((job.folder / "items" / f"{i}.json").read_text()) for i in range(5)]
    assert all(told["texts_total"] == N for told in written)


def test_prompts_that_are_embedded_at_once_are_answered_together(requests, together):
    files = [request.ref for request in requests]
    asked = ["embed", "prompt", *files, "--model", requests[0].model, "--probes", str(N), "--method", "text", "--json"]
    done = fute(*asked)
    assert done.code == 0, done.err
    assert together == [(5, 25), (5, 15)]
    assert fute(*asked).code == 0
    assert len(together) == 2, "what is stored is not asked"


def test_a_prompt_whose_instruction_is_too_long_leaves_the_others_together(requests, together, tmp_path):
    (tmp_path / "long.yaml").write_text(PROMPT.format(name="long", end="very " * 2000))
    long = replace(requests[0], ref=str(tmp_path / "long.yaml"), template="long")
    store = open_store()
    answer_together([requests[0], long, requests[1]], store)
    assert [n for n, _ in together] == [3, 2, 3, 2]
    assert all(row is not None for row in answers_of(requests[1], store))
    assert all(row is None for row in answers_of(long, store))
