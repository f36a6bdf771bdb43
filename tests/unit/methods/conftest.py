"""Tiny encoders of real architectures: of all that take a prefix, of the common ones, of one."""

import pytest
from tiny_models import FAMILIES, tiny_surrogate

from fute_core.methods.prefix import SUPPORTED


@pytest.fixture(scope="module", params=SUPPORTED)
def any_family(request, tmp_path_factory):
    return tiny_surrogate(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module", params=FAMILIES)
def surrogate(request, tmp_path_factory):
    return tiny_surrogate(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return tiny_surrogate("bert", tmp_path_factory.mktemp("bert"))
