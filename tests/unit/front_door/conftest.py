"""The atlas as it is shipped, without a store of anyone's."""

import pytest

import fute_core as fute


@pytest.fixture(scope="module")
def atlas():
    return fute.open_atlas(store=False)
