"""Whatever a template file holds, it is read or refused in one sentence, and what it renders and takes is bounded."""

import json
from collections.abc import Callable
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import nodes

from fute_core.errors import BadInput
from fute_core.tasks import PromptTemplate
from fute_core.templates import growth, yaml_files
from fute_core.templates.checking import check
from fute_core.templates.growth import MAX_GROWTH, TEXT_CHARACTERS
from fute_core.templates.loading import load_templates
from fute_core.templates.rendering import MAX_CHARACTERS, render, validate
from fute_core.templates.syntax import FILTERS, METHODS, compiled, parse, read

QUICK = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
EXAMPLES = {False: "Rain is on its way.", True: ("A dog runs.", "An animal moves.")}

WILD = (
    "{% for a in text %}{{ a }}{% endfor %}", "{% macro b() %}{{ text }}{% endmacro %}{{ b() }}", "{{ text * 9 }}",
    "{{ 9 ** 9 }}", "{{ '%9d' % 1 }}", "{{ text.__class__ }}", "{{ text['format'] }}", "{{ text.upper }}",
    "{{ self }}", "{{ range(9) }}", "{{ text | attr('x') }}", "{{ text.format(text) }}", "{{ text | xmlattr }}",
    "{{ text", "{% if text %}", "{% endif %}", "{{ [text] | join(attribute='x') }}", "{{ text.join(*[text]) }}",
)  # fmt: skip
literal = st.sampled_from(
    ["''", "'a'", "'bb'", "'" + "c" * 30 + "'", "0", "1", "-1", "1.5", "true", "none", "[]", "('x', 'y')"]
)
name = st.sampled_from(["text", "text", "text", "a", "b", "answer_choices"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    some = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.tuples(inner, st.sampled_from(FILTERS), some).map("({0[0]} | {0[1]}({0[2]}))".format),
        st.tuples(inner, st.sampled_from(METHODS), some).map("({0[0]}).{0[1]}({0[2]})".format),
        st.tuples(inner, st.sampled_from(["~", "+", "-", "/", "//", "in", "and", "=="]), inner).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(inner, st.sampled_from(["0", "-1", "1:", "::2", ":-1", "99"])).map("({0[0]})[{0[1]}]".format),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} else {0[2]})".format),
        st.lists(inner, max_size=3).map(lambda items: "[" + ", ".join(items) + "]"),
        st.tuples(inner, inner).map("{{ {0[0]}: {0[1]} }}".format),
    )


expression = st.recursive(st.one_of(literal, name), _larger, max_leaves=8)
output = expression.map("{{{{ {} }}}}".format)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, max_size=4).map("".join)
    return st.one_of(
        st.tuples(expression, body, body).map("{{% if {0[0]} %}}{0[1]}{{% else %}}{0[2]}{{% endif %}}".format),
        st.tuples(st.sampled_from("ab"), expression).map("{{% set {0[0]} = {0[1]} %}}".format),
        st.tuples(st.sampled_from("ab"), body).map("{{% set {0[0]} %}}{0[1]}{{% endset %}}".format),
        st.tuples(expression, body).map("{{% with a = {0[0]} %}}{0[1]}{{% endwith %}}".format),
    )


blocks = st.recursive(st.one_of(output, st.text(max_size=8)), _blocks, max_leaves=8)
tame = st.lists(blocks, max_size=6).map(lambda parts: "{% set a, b = text, 'b' %}" + "".join(parts))
template_source = st.one_of(tame, tame, st.tuples(tame, st.sampled_from(WILD), tame).map("".join))
any_text = st.text(max_size=200)


def refusal(call: Callable[..., object], *arguments) -> str | None:
    """The one sentence that a call is refused with, or None where it succeeds."""
    try:
        call(*arguments)
    except BadInput as error:
        return str(error)
    return None


@QUICK
@given(source=template_source, text=any_text)
def test_any_jinja_renders_to_bounded_text_or_says_in_one_sentence_why_not(source, text):
    template = PromptTemplate("t", source, (("yes",), ("no",)), ("a", "b"))
    problem = refusal(validate, template) or refusal(render, template, text)
    if problem is None:
        rendered = render(template, text)
        assert " object at 0x" not in rendered
        assert len(rendered) <= MAX_CHARACTERS
        assert rendered == render(template, text)
    else:
        assert problem.strip()


@QUICK
@given(source=template_source)
def test_the_bound_on_growth_holds_for_every_template_that_is_let_through(source):
    if refusal(parse, source):
        return
    text = "a" * 1_000
    values = {"text": text, "answer_choices": ["yes", "no"], "a": text, "b": text}
    try:
        rendered = compiled(source).render(values)
    except Exception:  # a template that fails on its values renders nothing; `render` turns that into a sentence
        return
    assert len(rendered) <= TEXT_CHARACTERS * MAX_GROWTH


@pytest.mark.parametrize(
    "step", ["{% set a = a ~ a %}", "{% set a = a | replace('a', 'bbbb') %}", "{% set a = [a] | string %}"]
)
@QUICK
@given(times=st.integers(1, 60))
def test_repeated_growth_is_refused_at_the_latest_when_it_reaches_the_bound(step, times):
    source = "{% set a = text %}" + step * times + "{{ a }}"
    problem = refusal(parse, source)
    if problem is None:
        assert times < 12
        assert len(compiled(source).render({"text": "a" * 1_000})) <= 1_000 * MAX_GROWTH
    else:
        assert "can grow to over" in problem


@QUICK
@given(source=template_source)
def test_the_bound_on_growth_looks_at_every_node_once_at_most(source):
    problem = refusal(parse, source)
    if problem is not None and "can grow to over" not in problem:
        return
    tree = read(source)
    with mock.patch.object(growth, "_bound", wraps=growth._bound) as bound:
        refusal(growth.check_growth, tree)
    assert bound.call_count <= len(list(tree.find_all(nodes.Node)))


@QUICK
@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
@pytest.mark.parametrize("ending", ["yaml", "jinja"])
def test_any_bytes_are_a_template_file_or_one_sentence(tmp_path, content, ending):
    path = tmp_path / f"any.{ending}"
    path.write_bytes(content)
    problem = refusal(load_templates, path)
    if problem is None:
        assert all((item.template is None) != (item.problem is None) for item in load_templates(path))
    else:
        assert len(problem) < 2_000


scalar = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(["{{ text }}", "a ||| b", "{{ text }} ||| {{ answer_choices[label] }}", "no"]),
)
keys = st.sampled_from(
    ["prompts", "templates", "name", "template", "jinja", "choices", "answer_choices", "fields", "family", "system",
     "completion", "delimiter", "task", "include", "doc_to_text", "doc_to_choice", "output_type", "description", "x"]
)  # fmt: skip
document = st.recursive(
    scalar,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=5)),
    max_leaves=20,
)


@QUICK
@given(content=st.dictionaries(keys, document, max_size=6), tag=st.sampled_from(["", "!Template ", "!function "]))
def test_any_document_of_known_keys_is_checked_without_a_traceback(tmp_path, content, tag):
    path = tmp_path / "any.yaml"
    text = json.dumps(content)
    path.write_text(text.replace("{", tag + "{", 2) if tag else text, "utf-8")
    try:
        rows = check(path, fields=None, choices=None, examples=EXAMPLES)
    except BadInput:
        return
    for row in rows:
        assert row["usable"] == (row["problem"] is None) == (row["example"] is not None)
        assert isinstance(row["name"], str)
        json.dumps(row)


@pytest.mark.parametrize("name", ["\ud800\udc00", "a\0b"])
def test_an_include_that_is_no_file_name_is_refused(tmp_path, name):
    path = tmp_path / "task.yaml"
    path.write_text(json.dumps({"include": name}), "utf-8")
    (task,) = load_templates(path)
    assert "is no file name" in task.problem


@settings(QUICK, max_examples=20)
@given(depth=st.integers(1, 3_000), bracket=st.sampled_from(["[", "{", "- ", "? ", "a: {"]))
def test_yaml_that_nests_deep_is_refused_before_it_is_built(tmp_path, depth, bracket):
    path = tmp_path / "deep.yaml"
    path.write_text("prompts:\n  " + bracket * depth, "utf-8")
    with mock.patch.object(yaml_files._Loader, "construct_document") as build:
        problem = refusal(load_templates, path)
    if depth > yaml_files.MAX_DEPTH:
        assert "nested over 20 deep" in problem
        assert not build.called
