"""`fute ask`: a text put to shipped classifiers, with refusals in a sentence."""

from command_line import fute

FILM = "A wonderful, moving and beautifully acted film."


def test_classifiers_of_a_dataset_answer_as_they_lie_in_the_atlas():
    done = fute("ask", FILM, "sst2 · trees", "sst2 · logistic", "--json")
    assert done.code == 0, done.err
    assert done.json["text"] == FILM
    for row in done.json["answers"]:
        assert row["answer"] == "positive"
        assert row["same"]
    shown = fute("ask", FILM, "sst2 · trees")
    assert "positive 0." in shown.out
    assert shown.err == ""


def test_an_encoder_answers_by_the_labels_of_the_first():
    rows = fute("ask", FILM, "sst2 · trees", "--encoder", "minilm", "--json").json["answers"]
    assert [row["name"] for row in rows] == ["sst2 · trees", "minilm by the labels of sst2 · trees"]
    assert set(rows[1]["probabilities"]) == {"negative", "positive"}


def test_pairs_need_two_texts_and_are_asked_of_those_that_read_pairs():
    found = fute("ask", "A man plays.", "snli · trees", "--second", "A man is asleep.", "--json").json
    assert set(found["answers"][0]["probabilities"]) == {"contradiction", "entailment", "neutral"}
    alone = fute("ask", "A man plays.", "snli · trees")
    assert (alone.code, alone.out) == (2, "")
    assert "'snli · trees' reads pairs of texts; give the second with --second." in alone.err
    both = fute("ask", "A man plays.", "--near", "sst2", "--second", "A man is asleep.")
    assert "'sst2' reads one text; leave out --second." in both.err


def test_whoever_cannot_be_asked_is_told_of_and_stops_nobody_else(monkeypatch):
    monkeypatch.setattr("fute_core.evaluation.parts.again.trained_again", no_film)
    done = fute("ask", FILM, "sst2 · trees", "--json")
    assert done.code == 2
    assert done.json["answers"][0]["problem"] == "Gone."


def no_film(dataset, architecture):
    from fute_core.errors import Unavailable

    raise Unavailable("Gone.")


def test_what_was_embedded_in_another_way_than_the_atlas_is_told_by_how(tmp_path):
    rows = tmp_path / "films.csv"
    rows.write_text("text,label\n" + "fine,good\ndull,bad\nlovely,good\nawful,bad\n", "utf-8")
    assert fute("embed", "dataset", str(rows), "--method", "text").code == 0
    told = fute("ask", FILM, "films").err
    assert "'films' cannot be compared with" in told
    assert "method (text against fused)" in told


def test_bad_input_is_one_sentence():
    assert "Name whom to ask" in fute("ask", FILM).err
    assert "Nothing here is called 'nobody'" in fute("ask", FILM, "nobody").err
    assert "Nothing here is called 'nobody'" in fute("ask", FILM, "--near", "nobody").err
    assert "Type a text" in fute("ask", " ", "sst2").err
