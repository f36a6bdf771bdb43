"""What colours other than those of families mean, and that they are told apart."""

import numpy as np
import pytest
from seen_colours import ciede2000, lab

from fute_core.maps.figure import map_figure
from fute_core.maps.points import MapPoint
from fute_core.maps.shades import HUES, OTHERS, SKILLS, VERDICTS, by_model, by_owner, by_skill, by_verdict


def named(shades) -> list[str]:
    return [shades.names[code] for code in shades.codes]


def test_a_verdict_has_its_colour_and_the_legend_those_that_there_are():
    shades = by_verdict(["none", "same", None, "same"])
    assert named(shades) == ["no job here", "does a job that is known here", "cannot be told", shades.names[0]]
    assert shades.names == ("does a job that is known here", "no job here", "cannot be told")


def test_skill_goes_in_steps_and_what_was_not_measured_is_none_of_them():
    assert named(by_skill([0.95, 0.6, 0.59, 0.3, 0.0, -0.2, None])) == [
        "0.8 or more", "0.6 to 0.8", "0.3 to 0.6", "0.3 to 0.6", "below 0.3, near guessing",
        "below 0.3, near guessing", "not measured",
    ]  # fmt: skip


def test_of_many_models_the_rare_ones_share_a_colour():
    models = [f"m{n}" for n in range(12) for _ in range(12 - n)] + [None]
    shades = by_model(models)
    own = [f"m{n}" for n in range(len(HUES) - 1)]
    assert list(shades.names) == [*own, OTHERS, "no model: a dataset"]
    assert named(shades)[-2:] == [OTHERS, "no model: a dataset"]
    assert named(by_model([f"m{n}" for n in range(len(HUES))])) == [f"m{n}" for n in range(len(HUES))]


def test_a_figure_has_a_trace_for_each_colour_and_keeps_families_for_the_pointer():
    points = [
        MapPoint("a", "dataset", "topic", 0, 0),
        MapPoint("b", "dataset", None, 1, 1),
        MapPoint("c", "model", "topic", 2, 0),
    ]
    figure = map_figure(points, coloured=by_owner([True, False, True]))
    traces = {t.name: t for t in figure.data if t.customdata is not None}
    assert set(traces) == {"yours", "ships with Task Atlas"}
    assert [row[2] for row in traces["ships with Task Atlas"].customdata] == ["topic", "topic"]
    assert traces["yours"].customdata[0][2] == "unknown"
    assert traces["yours"].marker.color == by_owner([False]).tones[0][0]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(
    "tones", [[t for _, t in VERDICTS.values()], [t for _, _, t in SKILLS]], ids=["verdict", "skill"]
)
def test_colours_of_one_legend_are_told_apart_in_light_and_dark_whatever_one_sees(tones, dark):
    for without_green, least in ((False, 15.0), (True, 10.0)):
        seen = [lab(tone[dark], without_green) for tone in tones]
        apart = [ciede2000(a, b) for n, a in enumerate(seen) for b in seen[:n]]
        assert min(apart) >= least, np.round(sorted(apart)[:3], 1)
