"""Columns inside columns as variables of their own."""

import pytest

from fute_core.templates.columns import flatten


@pytest.mark.parametrize(
    ("source", "flat", "paths"),
    [
        ("{{ a.b }}", "{{ a_b }}", {"a_b": ("a", "b")}),
        ("{{ a['b'] [0] | lower }}", "{{ a_b_0 | lower }}", {"a_b_0": ("a", "b", 0)}),
        ("{{ a.b.0 }}{{ a.b.1 }}", "{{ a_b_0 }}{{ a_b_1 }}", {"a_b_0": ("a", "b", 0), "a_b_1": ("a", "b", 1)}),
        ("{{ a.b.split(' ')[0] }}", "{{ a_b.split(' ')[0] }}", {"a_b": ("a", "b")}),
        ("{{ a_b }}{{ a.b }}", "{{ a_b }}{{ a_b_ }}", {"a_b_": ("a", "b")}),
        ("{%- if a.b -%} x {% endif %}", "{%- if a_b -%} x {% endif %}", {"a_b": ("a", "b")}),
        ("{{ a[0] | lower }}{{ a[1:] }}", "{{ a[0] | lower }}{{ a[1:] }}", {}),
        ("{{ a.b[0] }}{{ a.b }}", "{{ a_b[0] }}{{ a_b }}", {"a_b": ("a", "b")}),
        ("{% set a = b.c %}{{ a.d }}", "{% set a = b_c %}{{ a.d }}", {"b_c": ("b", "c")}),
        ("{{ answer_choices[0] }}", "{{ answer_choices[0] }}", {}),
        ("{{ 'x' in ['y'] }}{{ a.upper() }}{{ [1][0] }}", "{{ 'x' in ['y'] }}{{ a.upper() }}{{ [1][0] }}", {}),
        ("{# a.b #}{% raw %}{{ a.b }}{% endraw %}", "{# a.b #}{% raw %}{{ a.b }}{% endraw %}", {}),
    ],
)
def test_a_written_out_path_becomes_a_variable(source, flat, paths):
    assert flatten(source) == (flat, paths)
