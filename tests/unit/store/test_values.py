"""Sealed values: any array and JSON comes back as it was, and what is damaged reads as missing."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from stored import BIG

from fute_core.store.first_values import FIRST_MAGIC
from fute_core.store.values import MAGIC, is_newer, pack, unpack

dtypes = (
    hnp.integer_dtypes()
    | hnp.unsigned_integer_dtypes()
    | hnp.floating_dtypes(sizes=(16, 32, 64))
    | hnp.boolean_dtypes()
)
arrays = hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
scalars = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text()
metas = st.dictionaries(
    st.text(), st.recursive(scalars, lambda x: st.lists(x) | st.dictionaries(st.text(), x), max_leaves=5)
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=5), arrays, max_size=3), metas)
def test_any_numbers_and_json_come_back_as_they_were(given_arrays, meta):
    found, found_meta = unpack(pack(given_arrays, meta, "k"), "k")
    assert found_meta == meta
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        assert found[name].dtype == array.dtype.newbyteorder("<")
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_changed_or_missing_byte_reads_as_missing(data):
    value = pack({"v": np.arange(6, dtype=np.float32)}, {"a": 1}, "k")
    position = data.draw(st.integers(0, len(value) - 1))
    flipped = bytearray(value)
    flipped[position] ^= data.draw(st.integers(1, 255))
    assert unpack(bytes(flipped), "k") is None
    assert unpack(value[:position], "k") is None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=40))
def test_sealed_nonsense_never_raises(header, data):
    """A value with a right digest and any header: what malice, not accident, can make."""
    assert unpack(_first(header, data), "k") is None or json.loads(header)["meta"] is not None
    assert unpack(_sealed(MAGIC, len(header).to_bytes(8, "little") + header + data), "k") is None


@pytest.mark.parametrize(
    "spec",
    [
        ["O", [1], 0, 8], ["<f4", [-1], 0, 8], ["<f4", [3], 0, 8], ["<f4", [2], 8, 8], ["<f4", [2], -8, 8],
        ["<f4", [10**30], 0, 8], ["<f4", ["2"], 0, 8], ["<f4", [2, 1], 0], "abc", None, ["V8", [1], 0, 8],
        ["(2,)<f4", [1], 0, 8], ["<f4", [-2, -1], 0, 8], ["M8[s]", [1], 0, 8], ["nonsense", [1], 0, 8],
    ],
)  # fmt: skip
def test_a_header_that_does_not_fit_its_bytes_reads_as_missing(spec):
    assert unpack(_first(json.dumps({"arrays": {"v": spec}, "meta": {}}).encode(), bytes(8)), "k") is None


@pytest.mark.parametrize(
    "about", [{}, {"meta": "{}"}, {"key": "k"}, {"key": "k", "meta": "{"}, {"key": "k", "meta": "[]"}]
)
def test_a_safetensors_file_that_does_not_say_what_it_is_reads_as_missing(about):
    from safetensors.numpy import save

    assert unpack(_sealed(MAGIC, save({"v": BIG}, about)), "k") is None
    assert unpack(_sealed(MAGIC, save({"v": BIG}, {"key": "k", "meta": "{}"})), "k") is not None


def test_what_the_first_format_wrote_is_read():
    header = {"key": "k", "arrays": {"v": ["<f4", [2], 0, 8]}, "meta": {"a": 1}}
    value = _first(json.dumps(header).encode(), np.array([1, 2], "<f4").tobytes())
    found, meta = unpack(value, "k")
    assert (found["v"].tolist(), meta) == ([1, 2], {"a": 1})
    assert unpack(value, "another") is None
    assert not is_newer(value[:-1])  # damaged


def _first(header: bytes, data: bytes) -> bytes:
    return _sealed(FIRST_MAGIC, len(header).to_bytes(4, "little") + header + data)


def _sealed(magic: bytes, held: bytes) -> bytes:
    import hashlib

    return magic + held + hashlib.blake2b(magic + held, digest_size=16).digest()


def test_a_value_is_read_under_its_own_key_only():
    value = pack({"v": BIG}, {}, "mine")
    assert unpack(value, "mine") is not None
    assert unpack(value, "yours") is None


def test_a_value_of_the_first_version_which_names_no_key_is_read():
    value = _first(json.dumps({"arrays": {}, "meta": {"a": 1}}).encode(), b"")
    assert unpack(value, "k") == ({}, {"a": 1})


def test_arrays_come_back_aligned_and_read_only():
    found = unpack(pack({"a": np.ones(3, np.int8), "b": BIG}, {"odd": "x"}, "k"), "k")[0]["b"]
    assert found.ctypes.data % 16 == 0
    assert not found.flags.writeable


@pytest.mark.parametrize("values", [["text"], [object()], [np.longdouble(1)], [1j]])
def test_what_is_no_plain_number_is_not_stored(store, values):
    with pytest.raises(TypeError, match="only numbers"):
        store.put("k", {"v": np.array(values)}, {})
    assert store.get("k") is None


def test_numpy_scalars_in_remarks_become_json_numbers():
    assert unpack(pack({}, {"loss": np.float32(0.5), "n": np.int64(3)}, "k"), "k")[1] == {"loss": 0.5, "n": 3}
