"""The Compare page on the shipped space: what differs, neighbours, texts and answers of two or three items."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from added import add

from dashboard.components import evidence
from dashboard.components.template_diff import marked
from dashboard.reads import data, findings, moments
from dashboard.session.filtering import KIND_NAME
from fute_core.analysis.evidence import split_similarity
from fute_core.atlas.atlas import Atlas
from fute_core.atlas.gallery import load_gallery
from fute_core.home import fute_home
from fute_core.space.told import headline
from fute_core.store.keys import answers_key, rows_key
from fute_core.store.store import open_store


def item(atlas, name: str, kind: str = "dataset"):
    return next(i for i in atlas.items if (i.embedding.name, i.embedding.kind) == (name, kind))


def opened(app, *ids, **address):
    app.query_params["sel"] = list(ids)
    app.switch_page("views/compare.py").run()
    assert not app.exception
    assert not app.error
    return app


def shown(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def tables(app) -> list[list[str]]:
    return [list(map(str, d.value.columns)) for d in app.dataframe]


def test_evidence_of_a_pair_finds_places_once_and_splits_the_similarity_once(atlas, monkeypatch):
    calls = Counter()

    def counted(name, function):
        return lambda *args: calls.update([name]) or function(*args)

    monkeypatch.setattr("fute_core.analysis.evidence.split_similarity", counted("splits", split_similarity))
    moments.newest.clear()
    monkeypatch.setattr(Atlas.positions, "func", counted("positions", Atlas.positions.func))
    fresh = replace(atlas)
    one, other = data.chosen(fresh, ["dataset:sst2", "dataset:trec"])
    evidence.pair_facts(fresh, one, other)
    found = evidence.sides(fresh, one, other, 3)
    evidence.shared_neighbours(fresh, [one, other])
    assert calls == {"splits": 1, "positions": 1}
    assert [len(rows) for rows in found.values()] == [3, 3]


@pytest.mark.parametrize("name", ["mr", "trec"])
def test_what_a_similarity_is_the_sum_of_stands_beside_it_and_sums_to_it(atlas, name):
    for kind, other in (("dataset", name), ("model", f"{name} · logistic")):
        facts = evidence.pair_facts(atlas, item(atlas, "sst2"), item(atlas, other, kind))
        terms = [float(t) for t in re.findall(r"[+-]\d\.\d{3}", facts["Which is"].replace("\u2212", "-"))]
        assert len(terms) == (4 if kind == "dataset" else 3)
        assert sum(terms) == pytest.approx(float(facts["Similarity"].replace("\u2212", "-")), abs=0.0025)


def test_nothing_selected_asks_for_items(app):
    assert "Nothing to compare yet" in shown(opened(app))


def test_two_items_show_similarity_interval_differences_texts_answers_and_neighbours(app):
    opened(app, "dataset:sst2", "model:mr · trees")
    page = shown(app)
    assert "over probe texts" in page
    assert "closer than" in page
    assert "Texts that pull them apart most" in page
    assert tables(app)[0] == ["what", "sst2", "mr · trees"]
    assert tables(app)[1][0] == "sst2 says"
    assert tables(app)[-1][:5] == ["neighbour", "kind", "family", "to sst2", "to mr · trees"]
    assert tables(app)[-1][5:] == ["near", "may do the same job as"]
    differ = app.dataframe[0].value
    assert (differ["sst2"] != differ["mr · trees"]).all()


def test_items_of_one_name_and_two_kinds_keep_their_columns(app):
    add(fute_home(), "sst2", "sst2", "model", "sentiment")
    opened(app, "dataset:sst2", "model:sst2")
    assert tables(app)[0] == ["what", "sst2 (dataset)", "sst2 (classifier)"]
    assert tables(app)[-1][3:5] == ["to sst2 (dataset)", "to sst2 (classifier)"]


def test_three_items_are_held_against_the_first_and_another_can_be_pinned(app):
    opened(app, "dataset:sst2", "dataset:mr", "dataset:trec")
    assert shown(app).count("95 % interval") == 2
    app.button(key="pin-first-dataset:trec").click().run()
    assert not app.exception
    assert app.session_state["atlas.view"].selected == ("dataset:trec", "dataset:sst2", "dataset:mr")


def test_intervals_over_rows_stand_beside_that_over_texts_where_the_rows_are_at_hand(app):
    own, key = add(fute_home(), "my films", "sst2", "dataset"), "dataset-my films"
    sst2 = next(i for i in load_gallery(False).items if i.embedding.name == "sst2")
    factor, noise = sst2.embedding.factor, np.random.default_rng(0).normal(size=(20, *sst2.embedding.factor.shape))
    open_store().put(rows_key(key), {"factors": (factor + 0.002 * noise).astype(np.float32)}, {})
    open_store().put(answers_key(key), {"answers": sst2.answers}, {})
    moments.newest.clear()
    opened(app, "dataset:mr", own)
    assert ", over probe texts; " in shown(app)
    assert ", over the rows of my films; " in shown(app)
    assert ", over both" in shown(app)
    assert "rows of mr" not in shown(app)


def test_texts_of_an_abusive_family_wait_to_be_asked_for(app):
    opened(app, "dataset:tweet_hate", "dataset:sst2")
    assert 'class="quote blurred"' in shown(app)
    app.toggle(key="show-abusive").set_value(True).run()
    assert 'class="quote blurred"' not in shown(app)


def test_an_abusive_probe_text_is_blurred_whatever_is_compared(app, atlas):
    opened(app, "dataset:trec", "model:trec · logistic")
    texts = [t for rows in evidence.sides(atlas, *compared(atlas), 6).values() for t, *_ in rows]
    assert sum(data.abusive(atlas, texts)) == shown(app).count('class="quote blurred"') > 0


def compared(atlas):
    return item(atlas, "trec"), item(atlas, "trec · logistic", "model")


def test_a_pinned_comparison_keeps_the_texts_and_what_it_is_about(app):
    opened(app, "dataset:sst2", "dataset:mr")
    app.button(key="pin-compare-dataset:mr").click().run()
    (pin,) = findings.read(app.session_state["findings.owner"], "Findings").pins
    assert pin.about == ["dataset:sst2", "dataset:mr"]
    assert {"Similarity", "Texts that pull them apart most", "Texts that make them alike"} <= {
        row["what"] for row in pin.content
    }


def test_an_abusive_text_that_is_hidden_is_not_pinned_either(app, atlas):
    opened(app, "dataset:trec", "model:trec · logistic")
    app.button(key="pin-compare-model:trec · logistic").click().run()
    app.toggle(key="show-abusive").set_value(True).run()
    app.button(key="pin-compare-model:trec · logistic").click().run()
    kept, whole = findings.read(app.session_state["findings.owner"], "Findings").pins
    texts = [row["text or value"] for row in whole.content]
    bad = [text for text, abusive in zip(texts, data.abusive(atlas, texts), strict=True) if abusive]
    assert bad
    assert not set(bad) & {row["text or value"] for row in kept.content}
    assert all(value is not None for row in kept.content for value in row.values())


def test_neighbours_that_are_not_shared_come_first_and_the_items_are_not_their_own(atlas):
    items = [item(atlas, "sst2"), item(atlas, "mr")]
    rows = evidence.shared_neighbours(atlas, items)
    shared = [row["near"] == "all" for row in rows]
    assert shared == sorted(shared)
    assert not {("sst2", "dataset"), ("mr", "dataset")} & {(row["neighbour"], row["kind"]) for row in rows}
    row, mr = rows[0], atlas.space.index("mr", "dataset")
    kind = next(kind for kind, name in KIND_NAME.items() if name == row["kind"])
    cosine = atlas.space.cosines([atlas.space.index(row["neighbour"], kind)], [mr])[0, 0]
    assert row["to mr"] == pytest.approx(float(cosine), abs=6e-4)


def test_neighbours_say_which_of_the_items_they_are_alike_enough_to(app, atlas):
    items = [item(atlas, "sst2"), item(atlas, "trec")]
    rows = evidence.shared_neighbours(atlas, items)
    level = atlas.meaning.same_level(items[0].embedding, item(atlas, "mr").embedding)
    near = next(row for row in rows if row["neighbour"] == "mr" and row["kind"] == "dataset")
    assert near["to sst2"] > level
    assert near["may do the same job as"] == "sst2"
    opened(app, "dataset:sst2", "dataset:trec")
    for name in ("sst2", "trec"):
        told = atlas.verdict(f"dataset:{name}")
        said = headline(told.job, told.of)
        assert f"<b>{name}: {said[0].lower()}{said[1:]}.</b> <span>{told.why}</span>" in shown(app)


def test_the_confusion_counts_every_text_with_both_answers_once(atlas):
    one, other = item(atlas, "sst2"), item(atlas, "trec")
    rows = evidence.confusion(one, other)
    counts = np.array([list(row.values())[1:] for row in rows])
    assert counts.shape == (one.answers.shape[1], other.answers.shape[1])
    assert counts.sum() == len(atlas.probes.texts)
    assert counts.sum(1).tolist() == np.bincount(one.answers.argmax(1), minlength=2).tolist()


def test_label_shares_are_percentages_the_largest_first(atlas):
    shares = list(evidence.label_shares(item(atlas, "trec")).values())
    assert sum(shares) == pytest.approx(100, abs=0.5)
    assert shares == sorted(shares, reverse=True)


def test_templates_of_two_prompts_are_marked_where_they_differ_and_never_read_as_html(app, atlas):
    one, other = marked("Is it <b>good</b>? Text: {{ text }}", "Is it <b>bad</b>? {{ text }}")
    assert one == "Is it &lt;b&gt;<mark>good</mark>&lt;/b&gt;?<mark> Text:</mark> {{ text }}"
    assert other == "Is it &lt;b&gt;<mark>bad</mark>&lt;/b&gt;? {{ text }}"
    assert marked("same", "same") == ("same", "same")
    assert marked("a few words here", "none <of> them elsewhere, at all") == (
        "a few words here", "none &lt;of&gt; them elsewhere, at all"
    )  # fmt: skip
    opened(app, "prompt:topic-02-four-headlines", "prompt:topic-14-terse", "dataset:ag_news")
    assert shown(app).count('class="template"') == 2
    assert "Template" not in set(app.dataframe[0].value["what"])
