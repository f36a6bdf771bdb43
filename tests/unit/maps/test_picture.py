"""The map for a paper, read back from SVG, where names are text and every point is one mark of its own."""

import html
import re

import numpy as np

from fute_core.maps.palette import NO_FAMILY_COLOUR, family_colour
from fute_core.maps.picture import draw_map
from fute_core.maps.points import MapPoint

CORNERS = [
    MapPoint("origin", "dataset", "topic", 0.0, 0.0),
    MapPoint("right", "dataset", "topic", 2.0, 0.0),
    MapPoint("up", "dataset", "topic", 0.0, 1.0),
    MapPoint("elsewhere", "prompt", None, 2.0, 1.0),
]
LEADER = "stroke: #aaaaaa"


def drawn(points, caption="A caption.", title="A title") -> str:
    return draw_map(points, caption, title, "svg").decode()


def words(svg: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def marks(svg: str, colour: str) -> list[tuple[float, float]]:
    """Places of the points of a colour; those in the legend have no white edge."""
    pattern = rf'<use [^>]*x="([\d.]+)" y="([\d.]+)" style="fill: {colour.lower()};[^"]* stroke: #ffffff'
    return [(float(x), float(y)) for x, y in re.findall(pattern, svg)]


def test_points_stand_where_their_places_say_in_the_colour_of_their_family():
    svg = drawn(CORNERS)
    (origin, right, up), (elsewhere,) = marks(svg, family_colour("topic")), marks(svg, NO_FAMILY_COLOUR)
    assert origin[0] == up[0] < right[0] == elsewhere[0]
    assert origin[1] == right[1] > up[1] == elsewhere[1], "an SVG counts from the top"


def test_names_title_and_caption_are_text_and_the_legend_has_what_there_is():
    said = words(drawn(CORNERS))
    legend = {"Family", "topic", "unknown", "Kind", "dataset", "prompt"}
    assert sorted(said) == sorted([*(p.name for p in CORNERS), "A title", "A caption.", *legend])


def test_a_name_is_no_mathematics_and_a_long_one_loses_its_middle():
    said = words(drawn([MapPoint("$x^2$ & <b>", "model", None, 0.0, 0.0), MapPoint("n" * 30, "model", None, 5.0, 1.0)]))
    assert "$x^2$ & <b>" in said
    assert "n" * 14 + "…" + "n" * 7 in said


def test_names_without_room_are_left_out_and_counted_in_the_caption():
    rng = np.random.default_rng(0)
    crowd = [MapPoint(f"crowded {i}", "dataset", None, *map(float, rng.normal(size=2) / 50)) for i in range(120)]
    said = words(drawn([*crowd, MapPoint("far away", "dataset", None, 1.0, 1.0)]))
    named = [text for text in said if text.startswith("crowded")]
    assert "far away" in said
    assert 0 < len(named) < len(crowd)
    assert f"A caption. {len(crowd) - len(named)} names are left out for want of room." in said


def test_a_line_leads_to_a_name_that_stands_far_from_its_point():
    row = [MapPoint(f"row {i}", "dataset", None, float(i), 0.0) for i in range(60)]
    assert LEADER not in drawn(CORNERS)
    assert LEADER in drawn(row)


def test_a_map_of_three_dimensions_has_every_point_and_no_names():
    solid = [MapPoint(p.name, p.kind, p.family, p.x, p.y, float(n)) for n, p in enumerate(CORNERS)]
    svg = drawn(solid)
    assert len(marks(svg, family_colour("topic"))) == 3
    assert not {p.name for p in CORNERS} & set(words(svg))
    assert "A caption." in words(svg)
