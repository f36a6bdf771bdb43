"""Fixtures for the dashboard's logic: the real app run by AppTest on the shipped atlas, in a home of its own."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture
def app(_own_home):
    """An AppTest of the whole dashboard, not run yet; caches are empty since each test has another home."""
    st.cache_data.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(APP), default_timeout=60)
