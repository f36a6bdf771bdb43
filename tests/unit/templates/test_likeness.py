"""Versions of a template: which words only one has, and when two are no versions of each other."""

from fute_core.templates.likeness import LONGEST, alike, parts

ONE = "Is this good? Say yes or no.\n\n{{ text }}"


def test_parts_make_up_both_texts_and_mark_what_differs():
    other = ONE.replace("good", "any good")
    found = parts(ONE, other)
    assert "".join(a for a, _, _ in found) == ONE
    assert "".join(b for _, b, _ in found) == other
    assert [b.strip() for a, b, same in found if not same] == ["any"]
    assert all(a == b for a, b, same in found if same)


def test_texts_with_little_in_common_are_no_versions():
    assert alike(ONE, ONE.replace("good", "bad"))
    assert not alike(ONE, "Translate into French: {{ text }}")
    assert parts(ONE, "Translate into French: {{ text }}") is None


def test_very_long_texts_are_versions_only_where_they_are_the_same():
    long = "word " * LONGEST
    assert alike(long, long)
    assert not alike(long, f"{long} more")
    assert parts(long, long) is None
