"""Two datasets with each other's heads, on Compare."""

import time

import pytest

from dashboard.reads import swapping


def opened(app, *ids):
    app.query_params["sel"] = list(ids)
    app.switch_page("views/compare.py").run()
    assert not app.exception
    assert not app.error
    return app


def headings(app) -> list[str]:
    return [s.value for s in app.subheader]


def shown(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def test_two_datasets_are_tried_on_their_rows_when_asked(app, monkeypatch):
    monkeypatch.setattr(swapping, "ROWS", 40)
    opened(app, "dataset:sst2", "dataset:mr")
    assert "Do sst2 and mr do each other's job?" in headings(app)
    (go,) = [b for b in app.button if b.label == "Try it on their rows"]
    go.click().run()
    for _ in range(200):
        if [d for d in app.dataframe if "share of the job" in d.value.columns]:
            break
        time.sleep(0.3)
        app.run()
    assert not app.error
    table = next(d.value for d in app.dataframe if "share of the job" in d.value.columns)
    assert table["rows of"].tolist() == ["sst2", "mr"]
    assert table["heads of"].tolist() == ["mr", "sst2"]
    assert len([m for m in app.markdown if "heads of" in m.value]) == 2


@pytest.mark.parametrize("other", ["dataset:emobank_valence", "prompt:sentiment-01-review-question"])
def test_what_has_no_labels_is_not_offered(app, other):
    opened(app, "dataset:sst2", other)
    assert not [b for b in app.button if b.label == "Try it on their rows"]
    assert ("Rows with labels are needed, and emobank_valence has none here." in shown(app)) == other.startswith(
        "dataset"
    )
