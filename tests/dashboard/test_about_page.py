"""The About page on the shipped space and on a small one."""

import json
from dataclasses import replace

import pytest

from dashboard.components import pictures
from dashboard.reads import result_story, result_words, results
from dashboard.session.text import html_text, md
from fute_core.analysis.strips import scale_strips
from fute_core.atlas.atlas import open_atlas


def shown(app) -> str:
    texts = [str(e.proto.body) for e in app.get("html")]
    return " ".join([*texts, *(m.value for m in app.markdown)])


def opened(app, **address):
    for name, value in address.items():
        app.query_params[name] = value
    app.switch_page("views/about.py").run()
    assert not app.exception
    assert not app.error
    return app


def test_the_method_is_shown_in_pictures_of_the_space(app):
    page = shown(opened(app))
    steps = page.split('class="becoming"')[1].split("</ol>")[0]
    assert steps.count("<li>") == 3
    assert steps.count("step-line") == 6
    assert steps.count("data:image/png") == 1
    assert page.split('class="grams"')[1].split('class="strips"')[0].count("data:image/png") == 4
    assert "the dataset itself" in page
    assert page.split('class="strips"')[1].count("data:image/png") == 6  # two lines for each of three pairs of kinds


def test_the_scale_has_every_pair_in_few_elements_and_names_those_of_the_same_job():
    atlas = open_atlas(store=False)
    strips = scale_strips(atlas)
    drawn = pictures.scale(strips, None)
    for strip in strips:
        assert f'alt="same: {len(strip.same):,} pairs"' in drawn
        assert f'alt="different: {len(strip.different):,} pairs"' in drawn
    assert html_text(f"{strips[0].pairs[-1][0]} and {strips[0].pairs[-1][1]}: {strips[0].same[-1]:.2f}") in drawn
    assert drawn.count("<") < 1_500


def test_a_table_of_all_numbers_is_sent_once_it_is_opened(app):
    page = opened(app)
    tables = [results.table_text(name) for name in results.found()]
    assert len([t for t in tables if t]) >= 3
    assert not {m.value for m in page.markdown} & set(filter(None, tables))


def test_what_gradients_add_is_told(app):
    assert "gradients count as well, for 0.33 of it" in shown(opened(app))


@pytest.mark.parametrize(
    "how", [{"method": "functional"}, {"params": {"fisher_weight": 0.5, "fisher_of_models": True}}]
)
def test_nothing_is_told_of_gradients_where_all_or_none_have_them(how):
    item = open_atlas(store=False).items[0]
    assert "count as well" in pictures.gradients(item)
    made = replace(item.embedding.provenance, **how)
    assert pictures.gradients(replace(item, embedding=replace(item.embedding, provenance=made))) == ""


def test_the_selected_dataset_is_the_example_and_abusive_texts_wait_to_be_asked_for(app):
    page = shown(opened(app, sel="dataset:tweet_hate"))
    assert "Gram matrix of tweet_hate" in page
    assert 'class="blurred-text"' in page
    app.toggle(key="show-abusive").set_value(True).run()
    assert 'class="blurred-text"' not in shown(app)


def test_every_study_is_a_question_with_an_answer_and_a_figure_and_weak_families_are_named(app):
    page = shown(opened(app))
    for name, known in results.found().items():
        told = result_story.story(name, known)
        assert md(told.question) in [h.value for h in app.subheader], name
        assert told.question.endswith("?"), name
        assert html_text(told.answer) in page, name
        assert told.answer, name
        assert 1 <= len(told.figures) <= 2, name
        assert all(html_text(figure.title) in page for figure in told.figures), name
    assert "prediction agreement" in page
    families = results.by_family(results.found()["retrieval"])
    low = [family for family, value, _ in families if value < results.WEAK_RANK]
    assert low
    assert f"Weak: in {', '.join(low)}" in page
    assert "the order is no better than chance" in page
    assert "By family: reciprocal rank" not in page, "it is long, and waits to be opened"


def test_answers_are_counted_from_the_studies_own_numbers():
    known = results.found()["retrieval"]
    own = {"value": 0.5, "low": 0.4, "high": 0.6, "chance": 0.1, "n": 30}
    answer = result_story.story("retrieval", {**known, "skilled_own_top1": own}).answer
    assert answer.startswith("15 of 30 skilled classifiers")
    assert answer.endswith("by chance it would be 3.")
    order = results.found()["transfer"]["rows_64"]
    surely, maybe = ({**order, "spearman": {**order["spearman"], "low": low}} for low in (0.1, -0.1))
    assert "not surely better than chance" in result_story.story("transfer", {"rows_64": maybe}).answer
    assert "), surely better than chance" in result_story.story("transfer", {"rows_64": surely}).answer


def test_a_study_of_an_older_version_shows_what_it_has():
    known = {"title": "Do models lie near?", "skilled_own_top1": {"value": 0.5, "n": 30}}
    told = result_story.story("retrieval", known)
    assert told.answer == ""
    assert [f.title for f in told.figures] == ["Skilled classifiers: the nearest dataset is their own"]


def test_all_that_was_measured_is_drawn_once_somebody_opens_it():
    for name, known in results.found().items():
        told = result_story.story(name, known)
        others = [f.title for f in result_story.others(name, known, told)]
        assert not set(others) & {f.title for f in told.figures}, name
        assert len(others) < 25, name


def test_what_surrogates_change_is_a_table_of_few_rows_with_the_encoders_side_by_side():
    known = results.found()["surrogates"]
    rows = results.side_by_side("surrogates", known)
    assert 3 <= len(rows) <= 5
    assert list(rows[0])[1:] == ["BGE-small, the default", "Paraphrase-MiniLM", "MiniLM", "E5-small", "by chance"]
    own = known["minilm"]["dte_family_mrr"]
    shown_there = next(row["MiniLM"] for row in rows if row["what"].startswith("Datasets:"))
    assert shown_there == f"{own['value']:.2f} ({own['low']:.2f} to {own['high']:.2f})"
    assert next(row["BGE-small, the default"] for row in rows if "agree with" in row["what"]) == "–", "with itself"


def test_stability_is_a_table_with_text_pairs_beside_single_texts():
    known = results.found()["stability"]
    rows = results.side_by_side("stability", known)
    assert [list(row) for row in rows] == [["what", "single texts", "text pairs", "by chance"]] * len(rows)
    first, shuffled = rows[0], next(row for row in rows if "shuffled labels" in row["what"])
    for arity, name in (("single texts", "halves_mutual_nearest"), ("text pairs", "pairs_halves_mutual_nearest")):
        assert first[arity].startswith(f"{known[name]['value']:.2f} (")
    assert first["by chance"] == f"{known['halves_mutual_nearest']['chance']:.2f}; " + (
        f"{known['pairs_halves_mutual_nearest']['chance']:.2f}"
    )
    assert shuffled["by chance"] == "–"


def test_every_measure_of_the_shipped_results_has_words_of_its_own_result():
    titles = {name: [m.title for m in results.measures(name, known)] for name, known in results.found().items()}
    named = {name: set(words.values()) for name, words in result_words.WORDS.items()}
    for name in named:
        for title in titles[name]:
            assert any(words in title for words in named[name]), f"{name}: {title}"
    assert not set(titles["transfer"]) & named["prompts"]
    assert all(len(shown) == len(set(shown)) for shown in titles.values())


def test_a_result_of_another_kind_is_shown_and_a_broken_one_is_passed_over(app, monkeypatch, tmp_path):
    low = {"value": 0.25, "low": 0.1, "high": 0.4, "chance": 0.5, "n": 7}
    known = {
        "title": "<b>Drift",
        "half_agreement": low,
        "rows_30": {"ndcg_rank": low, "baselines": {"<i>b": {"ndcg_rank": low}}},
    }
    (tmp_path / "drift.json").write_text(json.dumps(known), "utf-8")
    (tmp_path / "broken.json").write_text("{", "utf-8")
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    page = shown(opened(app))
    assert "Half agreement" in page
    assert "Ndcg rank, rows 30" in page
    assert "&lt;i&gt;b" in page
    assert "<b>Drift" not in page


def test_without_results_and_gallery_the_page_says_what_is_missing(in_small_space, monkeypatch, tmp_path):
    monkeypatch.setattr(results, "RESULTS", tmp_path / "none")
    page = shown(opened(in_small_space))
    assert "fute eval retrieval" in page
    assert "No pictures here" in page
