"""A figure's numbers as rows: from plotly's own JSON, whichever way it writes arrays."""

import csv
import io

import numpy as np
import plotly.graph_objects as go
import pytest

from fute_core.errors import BadInput
from fute_core.report.numbers import csv_text, figure_rows


def test_points_come_with_id_series_and_coordinates():
    figure = go.Figure(go.Scatter(x=np.float32([0.1, 2]), y=[3, 4], ids=["dataset:a", "model:a"], name="a &amp; b"))
    figure.add_scatter(x=[None], y=[None], name="only a key")
    figure.add_scatter(x=[1, 2], y=[1, 2], hoverinfo="skip", name="a line")
    assert figure_rows(figure.to_json()) == [
        {"id": "dataset:a", "series": "a & b", "x": 0.1, "y": 3},
        {"id": "model:a", "series": "a & b", "x": 2.0, "y": 4},
    ]


def test_a_heatmap_gives_a_row_a_line_with_the_names_of_its_axes_and_no_name_is_lost():
    figure = go.Figure(go.Heatmap(z=np.float32([[1, 0.25], [0.5, 1]])))
    figure.update_layout(xaxis={"ticktext": ["p", "p"]}, yaxis={"ticktext": ["&lt;q&gt;", "r"]})
    assert figure_rows(figure.to_json()) == [
        {"name": "<q>", "p": 1.0, "p (2)": 0.25},
        {"name": "r", "p": 0.5, "p (2)": 1.0},
    ]


def test_csv_has_every_column_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(csv_text([{"a": "=1+1"}, {"a": "x,\ny", "b": 0.5}]))))
    assert rows == [{"a": "'=1+1", "b": ""}, {"a": "x,\ny", "b": "0.5"}]


@pytest.mark.parametrize("broken", ["not json", "[]", '{"data": 3, "layout": {}}', '{"data": [1]}'])
def test_what_is_no_figure_says_so(broken):
    with pytest.raises(BadInput, match="pin it again"):
        figure_rows(broken)


def test_headers_are_guarded_like_cells_and_numbers_as_text_stay_numbers():
    text = csv_text([{"=1+1": "-0.5", "b": "+3e-5", "c": "-1+cmd|x", "d": -2.0, "e": "@x", "f": float("nan")}])
    assert text.splitlines() == ["'=1+1,b,c,d,e,f", "-0.5,+3e-5,'-1+cmd|x,-2.0,'@x,"]
