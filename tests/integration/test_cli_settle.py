"""`fute embed --settle` end to end."""

from command_line import fute


def test_a_model_is_asked_until_the_verdict_is_settled_and_says_after_how_many_texts(tmp_path):
    from tiny_classifiers import tiny_classifier_folder

    folder = tiny_classifier_folder("bert", tmp_path / "random")
    row = fute("embed", "model", folder, "--settle", 0.95, "--json").json
    asked = row["settled"]["asked"]
    assert row["settled"] == {"confidence": 0.95, "asked": asked, "of": 512, "early": True}
    assert 64 <= asked < 512, "random weights do no job"
    assert (row["n_texts"], row["verdict"]["job"]) == (asked, "none")
    told = fute("embed", "model", folder, "--settle", 0.95)
    assert f"random: settled after {asked} of 512 probe texts; without --settle the rest is asked." in told.err
    as_job = fute("embed", "model", folder, "--settle", 0.95, "--backend", "threading", "--json").json
    assert (as_job["key"], as_job["settled"]) == (row["key"], row["settled"])
    whole = fute("embed", "model", folder, "--json").json
    assert "settled" not in whole
    assert whole["n_texts"] == 512
    again = fute("embed", "model", folder, "--settle", 0.95)
    assert "random: asked all 512 probe texts." in again.err
    assert fute("embed", "model", folder, "--settle", 0.95, "--method", "text", "--json").json["settled"] == {
        "confidence": 0.95, "asked": 512, "of": 512, "early": False,
    }  # fmt: skip


def test_a_confidence_that_no_verdict_can_have_is_refused():
    refused = fute("embed", "prompt", "sentiment-12-faces", "--settle", 95)
    assert refused.code == 2
    assert "0.5 to 0.999" in refused.err
