"""Fixtures for the dashboard's logic: the real app run by AppTest on the shipped atlas, in a home of its own."""

from functools import cache
from pathlib import Path

import pytest
from just_landed import said_by_a_prompt
from small_space import fill
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dashboard.reads import data
from fute_core.atlas.atlas import open_atlas
from fute_core.home import fute_home

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture(scope="session", autouse=True)
def _packages_searched_once():
    """Each AppTest searches all installed packages for components, which takes longer than most of our pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def app(_own_home):
    """An AppTest of the whole dashboard, not run yet, on a home of its own.

    The store is opened anew; the atlas is kept from test to test where it is the same.
    """
    data.store.clear()
    return AppTest.from_file(str(APP), default_timeout=60)


@pytest.fixture
def in_small_space(app, monkeypatch):
    """The app, run once, on a small space of known shape in place of the shipped one."""
    monkeypatch.setattr("fute_core.atlas.atlas.load_gallery", lambda pair=False: None)
    fill(fute_home())
    return app.run()


@pytest.fixture(scope="module")
def atlas():
    return open_atlas(store=False)


@pytest.fixture(scope="module")
def said(atlas):
    return said_by_a_prompt(atlas)
