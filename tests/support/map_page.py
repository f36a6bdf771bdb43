"""What the map page shows, taken out of a run of the dashboard."""

import json


def sent(app) -> dict:
    """What the map component was given."""
    maps = [e for e in app.get("bidi_component") if e.key == "map"]
    assert maps, [e.value for e in (*app.error, *app.exception)] or panel(app)
    return json.loads(maps[0].proto.json)


def legend(app) -> dict:
    return json.loads(next(e for e in app.get("bidi_component") if e.key == "legend").proto.json)


def panel(app) -> str:
    return " ".join(str(e.proto.body) for e in app.get("html"))


def near_rows(app, of: str) -> list[dict]:
    app.query_params["sel"] = of
    app.run()
    assert not app.exception
    return json.loads(next(e for e in app.get("bidi_component") if e.key == "map-near").proto.json)["rows"]
