"""A prompt that landed from the Prompt lab: pinned as it was read, deleted after a question, and brought back."""

import json
from dataclasses import replace

import numpy as np
from just_landed import found
from lab_runs import started, stored

from dashboard.components import prompt_pin
from dashboard.reads import data, findings, places, undoing
from fute_core.atlas import landing
from fute_core.atlas.same_texts import atlas_basis
from fute_core.space.told import STANDING, STANDINGS
from fute_core.store.keys import answers_key


def test_deleting_a_prompt_that_landed_asks_first(app, monkeypatch, atlas, said):
    job = started(app, monkeypatch)
    item, _ = said
    there = replace(found(said, 512, atlas), item=item, complete=True)
    monkeypatch.setattr(places, "landed", lambda *_: there)
    app.run()
    app.button(key="lab-delete").click().run()
    for _ in range(2):  # a page that has become complete is drawn anew, and the question stays
        assert not app.exception
        assert {"lab-delete-yes", "lab-delete-no"} <= {b.key for b in app.button}
        assert job.id == app.query_params["run"]
        app.run()
    app.button(key="lab-delete-no").click().run()
    assert "lab-delete-yes" not in {b.key for b in app.button}


def test_what_was_deleted_comes_back_with_the_answers_kept_beside_it(app, atlas, said):
    app.run()
    own = replace(said[0].embedding, name="mine", key="mine" + "0" * 8)
    kept = {"answers": said[0].answers}, {"probes": "all"}
    data.store().put_embedding(own)
    data.store().put(answers_key(own.key), *kept)
    back = undoing.deleted(own)
    assert data.store().get(answers_key(own.key)) is None
    assert data.store().get_embedding(own.key) is None
    back()
    assert data.store().get_embedding(own.key).vector.tobytes() == own.vector.tobytes()
    arrays, facts = data.store().get(answers_key(own.key))
    assert np.array_equal(arrays["answers"], kept[0]["answers"], equal_nan=True)
    assert facts == kept[1]
    assert [h.name for h in data.store().headers()] == ["mine"]


def test_a_prompt_of_an_earlier_method_is_told_from_one_that_was_deleted(app, monkeypatch, atlas):
    job = started(app, monkeypatch)
    item = replace(job.items[0], key="earlier" + "0" * 8)
    assert places.older(atlas, item) == ""
    stored(job, params={"rank": 12})
    assert places.older(atlas, item) == "other method parameters"


def test_a_pin_of_a_run_has_verdict_repeats_model_prompt_settings_and_a_picture(app, monkeypatch, atlas, said):
    job = started(app, monkeypatch)
    there = replace(found(said, 512, atlas), complete=True)
    monkeypatch.setattr(places, "landed", lambda *_: there)
    repeats = landing.repeats(atlas, there.answers, atlas_basis(atlas, None), calibrate=False)
    monkeypatch.setattr(places, "repeats", lambda *_: repeats)
    app.run()
    app.button(key="pin-lab").click().run()
    assert not app.exception
    table, picture = findings.read(app.session_state["findings.owner"], "Findings").pins
    judged = places.verdict(atlas, there)
    for words in (judged.why, "repeats land", "Model: smollm2", "label priors kept", "fused on bge-small",
                  "Is the writer of this review happy", "positive: Yes, yes"):  # fmt: skip
        assert words in table.note
    assert f"run={job.id}" in table.address == picture.address
    (spot,) = [t for t in json.loads(picture.content)["data"] if t.get("ids") == [f"prompt:{there.name}"]]
    assert (spot["x"], spot["y"]) == ([there.last.x], [there.last.y])


def test_a_pinned_landing_calls_kinds_as_the_page_does():
    tells = {STANDING: STANDINGS["near"]}
    assert prompt_pin.as_read([{"name": "sst2 · bayes", "kind": "model", "low": 0.1, **tells}]) == [
        {"name": "sst2 · bayes", "kind": "classifier", "low": 0.1, **tells}
    ]
