"""Fixtures for the dashboard's logic: the real app run by AppTest on the shipped atlas, in a home of its own."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture
def app(_own_home):
    """An AppTest of the whole dashboard, not run yet, on a home of its own.

    The store is opened anew; the atlas is kept from test to test where it is the same.
    """
    data.store.clear()
    return AppTest.from_file(str(APP), default_timeout=60)
