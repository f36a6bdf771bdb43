"""The report as a talk: a slide for the title, each finding, the methods and the licences, and nothing unescaped."""

from fute_core.atlas.atlas import open_atlas
from fute_core.report import page

HOSTILE = "<script>alert(1)</script>"


def sections_of(html: str) -> list[str]:
    body = html.split("<main>")[1].split("</main>")[0]
    return [part.split('"')[1] for part in body.split("<section ")[1:]]


def test_each_finding_is_a_slide_and_the_licences_are_the_last():
    items = [i for i in open_atlas(store=False).items if i.embedding.name == "sst2"][:1]
    html = page.report("Talk", [page.Section("One", [{"a": 1}]), page.Section("Two", [{"a": 2}])], items)
    assert sections_of(html) == ["finding-0", "finding-1", "methods", "sources"]
    assert "Socher et al. 2013" in html.split('id="sources"')[1]
    assert "Socher et al. 2013" not in html.split('id="sources"')[0].split('id="methods"')[1]


def test_it_opens_as_slides_only_where_that_is_asked_for():
    sections = [page.Section("One", [{"a": 1}])]
    assert '<body data-open="slides">' in page.report("Talk", sections, slides=True)
    report = page.report("Talk", sections)
    assert "<body>" in report
    assert "<button data-present>" in report


def test_a_slide_of_many_rows_says_that_the_report_has_them_all():
    few, many = ([{"n": n} for n in range(k)] for k in (page.ROWS_A_SLIDE, page.ROWS_A_SLIDE + 1))
    assert "the report has them all" not in page.report("t", [page.Section("Few", few)])
    html = page.report("t", [page.Section("Many", many)])
    assert "The first of 13 rows; the report has them all." in html
    assert html.count("<tr><td") == 13
    assert f"nth-child(n+{page.ROWS_A_SLIDE + 1})" in page.STYLE, "the style hides what the sentence leaves out"


def test_what_users_wrote_is_escaped_on_slides_too():
    html = page.report(HOSTILE, [page.Section(HOSTILE, [{HOSTILE: HOSTILE}], HOSTILE)], made=HOSTILE, slides=True)
    assert HOSTILE not in html


def test_no_script_or_style_comes_from_a_network():
    html = page.report("t", [page.Section("One", [{"a": 1}])], slides=True)
    assert "src=" not in html
    assert "<link" not in html
    assert "@import" not in html
