import io
from pathlib import Path

import numpy as np
import pytest

from fute_core.digest import digest


def test_equal_content_has_an_equal_digest_whatever_the_order_of_a_mapping():
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": (1, 2), "a": 1})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1, 1.0),
        (1, True),
        (1, "1"),
        (["ab"], ["a", "b"]),
        ([["a"], "b"], ["a", ["b"]]),
        (None, "null"),
        ([1, 2], [2, 1]),
    ],
)
def test_different_content_has_different_digests(left, right):
    assert digest(left) != digest(right)


def test_arrays_count_by_type_shape_and_bytes():
    x = np.arange(6, dtype=np.float32)
    assert digest(x) == digest(x.copy())
    assert len({digest(x), digest(x.astype(np.float64)), digest(x.reshape(2, 3)), digest(x[::-1])}) == 4


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (io.StringIO, "StringIO"),
        (Path(__file__).open, "TextIOWrapper"),
        (lambda: {"a", "b"}, "set"),
        (lambda: frozenset("ab"), "frozenset"),
        (lambda: {"a": 1}.keys(), "dict_keys"),
        (lambda: iter([1]), "list_iterator"),
        (lambda: len, "builtin_function"),
    ],
)
def test_what_has_no_order_or_no_content_of_its_own_is_refused(make, kind):
    value = make()
    for nested in (value, [value], {"k": value}):
        with pytest.raises(TypeError, match=f"cannot digest a {kind}"):
            digest(nested)
    if hasattr(value, "close"):
        value.close()
