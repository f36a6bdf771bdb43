"""Two runs of one item: what is found under its name, what changed between two, and how Compare says so."""

from dataclasses import replace

import numpy as np
import pytest

from fute_core.atlas import versions
from fute_core.atlas.atlas import open_atlas
from fute_core.home import fute_home
from fute_core.store.keys import answers_key
from fute_core.store.store import Store


@pytest.fixture(scope="module")
def shipped():
    return next(i for i in open_atlas(store=False).items if (i.embedding.name, i.embedding.kind) == ("subj", "dataset"))


def again(item, key: str, *, flipped: int = 0, created: str = "2030-01-01T10:00:00+00:00", **made):
    """A later run: other provenance, and the first answers of the first `flipped` probe texts turned round."""
    own = item.embedding
    answers = item.answers.copy()
    answers[:flipped] = answers[:flipped, ::-1]
    provenance = replace(own.provenance, created=created, **made)
    return replace(item, embedding=replace(own, key=key, provenance=provenance), answers=answers)


def put(item) -> None:
    store = Store(fute_home() / "cache")
    store.put_embedding(item.embedding)
    store.put(answers_key(item.embedding.key), {"answers": item.answers}, {})


def test_only_what_differs_is_told_and_what_decides_comes_first(shipped):
    assert versions.changes(shipped, shipped) == []
    other = again(shipped, "later", n_texts=77, seed=3, params={**shipped.embedding.provenance.params, "rank": 12})
    told = {c.what: (c.before, c.after) for c in versions.changes(shipped, other)}
    assert list(told)[:3] == ["Method: rank", "Texts used", "Seed"]
    assert told["Method: rank"] == (str(shipped.embedding.provenance.params["rank"]), "12")
    assert told["Texts used"][1] == "77"
    gone = versions.changes(again(shipped, "later", params={}), shipped)
    assert gone[0].what.startswith("Method: "), "also what only one of the two has comes where it belongs"
    assert next(c for c in gone if c.what == "Method: rank").before == versions.UNKNOWN


def test_answers_that_changed_are_counted_the_largest_move_first(shipped):
    found = versions.changed_answers(shipped, again(shipped, "later", flipped=40))
    apart = np.abs(shipped.answers[:40, 0] - shipped.answers[:40, 1])
    assert found.n == len(shipped.answers)
    assert set(found.changed) == set(np.flatnonzero(apart > 0).tolist())
    assert apart[list(found.changed)].tolist() == sorted(apart[list(found.changed)], reverse=True)
    assert found.moved == pytest.approx(apart.sum() / len(shipped.answers), rel=1e-4)
    assert versions.changed_answers(shipped, shipped).changed == ()


def test_labels_in_another_order_are_no_change_and_other_labels_cannot_be_compared(shipped):
    labels = list(shipped.facts["labels"])
    turned = replace(shipped, facts={**shipped.facts, "labels": labels[::-1]}, answers=shipped.answers[:, ::-1])
    assert versions.changed_answers(shipped, turned).changed == ()
    renamed = replace(shipped, facts={**shipped.facts, "labels": ["a", "b"]})
    assert versions.changed_answers(shipped, renamed) is None
    assert versions.changed_answers(shipped, again(shipped, "later", probes="others")) is None


def test_places_are_compared_in_one_space_only(shipped):
    calibrator = open_atlas(store=False).space.calibrator
    assert versions.similarity(shipped, again(shipped, "later"), calibrator) == pytest.approx(1, abs=1e-5)
    assert versions.similarity(shipped, again(shipped, "later", params={"rank": 12}), calibrator) is None


def test_a_run_that_lost_its_name_to_a_newer_one_is_still_found(shipped):
    first, second = (again(shipped, key, created=f"203{n}-01-01") for n, key in enumerate(("first", "second")))
    put(first)
    put(second)
    put(again(shipped, "elsewhere", created="2035-01-01", params={"rank": 12}))
    store = Store(fute_home() / "cache")
    assert [e.key for e in store.find("subj")] != ["first", "second", "elsewhere"]
    assert [e.key for e in store.runs("subj", "dataset")] == ["first", "second", "elsewhere"]
    assert store.runs("subj", "prompt") == []


def shown(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_one_item_alone_is_held_against_its_other_runs(app, shipped):
    put(again(shipped, "later", flipped=40, n_texts=300))
    app.query_params["sel"] = ["dataset:subj"]
    app.switch_page("views/compare.py").run()
    assert not app.exception
    changed = app.dataframe[0].value
    assert {"Texts used", "Made"} <= set(changed["what"])
    assert "of 512 probe texts have another first answer" in shown(app)
    assert "Similarity of the two places 1.000" in shown(app)
    before = app.selectbox(key="run-before-dataset:subj")
    before.set_value(app.selectbox(key="run-after-dataset:subj").value).run()
    assert "These two are the same run" in shown(app)


def test_an_item_made_once_says_so(app):
    app.query_params["sel"] = ["dataset:trec"]
    app.switch_page("views/compare.py").run()
    assert not app.exception
    assert "It was made once" in shown(app)


def test_the_panel_of_an_item_leads_to_its_runs(app):
    app.query_params["sel"] = ["dataset:trec"]
    app.run()
    (link,) = [e.proto for e in app.get("page_link") if e.proto.label == "Its runs, against each other"]
    assert link.query_string.count("sel=") == 1
