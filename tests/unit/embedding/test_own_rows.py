"""Rows of a dataset that are asked beside the probe texts: their answers are kept, and no vector changes by it."""

import pytest
from tiny_language_models import saved

from fute_core.analysis.asked_texts import known_rows, rank_on_rows
from fute_core.embedding.fulfil import embed_request, request_key
from fute_core.embedding.own_rows import own_rows, rows_of, with_own_rows
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.jobs.plan import plan
from fute_core.store.store import open_store

PROMPTS = """
family: sentiment
choices: {negative: [bad], positive: [good]}
prompts:
  - name: is-it-good
    template: "{{ text }} Is it good or bad?"
  - name: well
    template: "{{ text }} Well?"
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A folder with a language model that knows nothing."""
    return str(saved(tmp_path_factory.mktemp("tiny-gpt2")))


@pytest.fixture
def files(tmp_path):
    """(prompts, a labelled table)."""
    prompts, table = tmp_path / "p.yaml", tmp_path / "t.csv"
    prompts.write_text(PROMPTS, "utf-8")
    table.write_text("text,label\n" + "".join(f"row {n},{'positive' if n % 2 else 'negative'}\n" for n in range(40)))
    return str(prompts), str(table)


def test_rows_are_asked_first_and_the_vector_stays_what_it_was(files, model):
    prompts, table = files
    store = open_store()
    plain = EmbedRequest("prompt", prompts, model=model, template="well", name="mine", probes=16)
    before = embed_request(plain, store)
    asked = with_own_rows(plain, EmbedRequest("dataset", table), 12)
    assert request_key(asked) is None, "known only by asking, so that no job passes it over"
    assert plan([asked], store).items[0].texts == 12
    seen = []
    after = embed_request(asked, store, progress=lambda done, of: seen.append((done, of)))
    assert (12, 12) in seen
    assert after.key == before.key
    assert (after.vector == before.vector).all()
    rows = own_rows(asked)
    assert len(rows.texts) == 12
    known = known_rows(rows, plain, store)
    assert known.index.tolist() == list(range(12))


def test_the_same_rows_come_each_time(files):
    request = EmbedRequest("dataset", files[1], options={"text_column": "text", "label_column": "label"})
    assert rows_of(request, 10).texts == rows_of(request, 10).texts
    assert own_rows(EmbedRequest("prompt", files[0])) is None


def test_prompts_are_ranked_on_rows_and_other_names_are_passed_over(files, model):
    prompts, table = files
    rows = rows_of(EmbedRequest("dataset", table), 40)
    found = rank_on_rows(rows, [prompts, "sst2 · logistic"], model, open_store())
    assert {r.name for r in found.ranking} == {"is-it-good", "well"}
    assert found.n_texts == 40
    assert all(0 <= r.right <= 40 for r in found.ranking)
    assert found.winner is None
    with pytest.raises(BadInput, match="None of these is a prompt"):
        rank_on_rows(rows, ["sst2 · logistic"], model, open_store())
    with pytest.raises(BadInput, match="reads pairs of texts"):
        rank_on_rows(rows, ["inference"], model, open_store())
