"""What is costly on the way from a request to its vector is done once."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner

from fute_core.cli import main
from fute_core.datasets import catalog
from fute_core.embedding import fulfil
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.embedding.requests import EmbedRequest
from fute_core.methods import functional
from fute_core.models.encoder import Surrogate
from fute_core.store.store import open_store
from fute_core.vectors import Provenance


@pytest.fixture
def calls(monkeypatch):
    """How often each function was called that `counted` was told of."""
    counts = Counter()

    def counted(module, name):
        real = getattr(module, name)

        def counting(*args, **kwargs):
            counts[name] += 1
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, counting)

    counts.of = counted
    return counts


def test_a_dataset_s_heads_are_fitted_once_for_its_vector_and_its_answers(calls):
    calls.of(functional, "fit_head")
    calls.of(functional, "spelling_answers")
    embed_dataset(catalog.load_dataset("sst2", limit=20), Recipe("functional", n_probes=32), open_store())
    assert calls == {"fit_head": 1, "spelling_answers": 1}


@pytest.mark.parametrize("stored", [True, False])
def test_the_encoder_reads_the_texts_once_and_the_probe_texts_once(calls, stored):
    calls.of(Surrogate, "_features")
    recipe = Recipe(surrogate="minilm", n_probes=32)
    embed_dataset(catalog.load_dataset("sst2", limit=20), recipe, open_store() if stored else None)
    assert calls == {"_features": 2}


def test_the_encoder_of_what_ships_reads_the_texts_alone(calls):
    calls.of(Surrogate, "_features")
    embed_dataset(catalog.load_dataset("sst2", limit=20), Recipe(n_probes=32))
    assert calls == {"_features": 1}


def test_a_file_is_read_once_and_its_key_made_once_by_the_command(calls, tmp_path):
    rows = "\n".join(f"a film of {i} minutes,{'dull' if i % 2 else 'fine'}" for i in range(12))
    (tmp_path / "films.csv").write_text(f"text,label\n{rows}\n")
    calls.of(catalog, "load_dataset")
    calls.of(fulfil, "dataset_key")
    result = CliRunner().invoke(main, ["embed", "dataset", str(tmp_path / "films.csv"), "--method", "text", "--json"])
    assert json.loads(result.stdout)["name"] == "films", result.output
    assert calls == {"load_dataset": 1, "dataset_key": 1}


def test_a_job_of_the_command_reads_a_file_to_plan_and_to_embed_but_not_to_tell(calls, tmp_path):
    (tmp_path / "a.csv").write_text("text,label\n" + "\n".join(f"film {i},{i % 2}" for i in range(12)))
    calls.of(catalog, "load_dataset")
    arguments = ["embed", "dataset", str(tmp_path / "a.csv"), "--method", "text", "--json", "--backend", "threading"]
    result = CliRunner().invoke(main, arguments)
    assert json.loads(result.stdout)["name"] == "a", result.output
    assert calls == {"load_dataset": 2}


def test_the_key_of_what_is_opened_is_that_of_the_vector():
    request = EmbedRequest("dataset", "sst2", limit=20, method="text")
    opened = fulfil.open_request(request)
    assert opened.embed().key == opened.key == fulfil.request_key(request)


def test_comparing_many_spaces_digests_the_parameters_of_each_once(monkeypatch):
    digested = []
    monkeypatch.setattr("fute_core.vectors.digest", lambda value: digested.append(value) or str(value))
    made = Provenance("minilm", "", "functional", {"rank": 8}, "", 4, False, 0)
    assert all(made.space() == made.space() for _ in range(50))
    assert digested == [{"rank": 8}]
