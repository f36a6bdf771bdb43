"""A page with nothing but the map component and a point that lands in stages, for test_map_component.py."""

from types import SimpleNamespace

import numpy as np
import streamlit as st

from dashboard.components.atlas_map import atlas_map
from dashboard.components.atlas_map.payload import family_labels, pack_points

FAMILIES = ("sentiment", "topic", "spam")
STAGES = [None, (2.0, 2.0, 3.0, 2.0, 0.5), (3.0, 1.0, 1.0, 0.7, -1.2), (3.5, 0.5, 0.2, 0.1, 0.0)]
count = int(st.query_params.get("n", "60"))
rng = np.random.default_rng(0)
of_family = np.arange(count) % 3
places = np.array([[0, 0], [6, 0], [3, 5]])[of_family] + rng.normal(scale=0.6, size=(count, 2))
items = [
    SimpleNamespace(
        embedding=SimpleNamespace(name=f"item {i}", kind=("dataset", "model", "prompt")[i % 3], family=FAMILIES[f]),
        facts={},
    )
    for i, f in enumerate(of_family)
]
stage = st.number_input("Stage", 0, 3, 0, key="stage")
landing = None
if STAGES[stage]:
    x, y, rx, ry, turn = STAGES[stage]
    trail = [(s[0], s[1]) for s in STAGES[1:stage]]
    region = {"x": x, "y": y, "rx": rx, "ry": ry, "turn": turn}
    landing = {"id": "new", "name": "my <b>prompt</b>", "trail": trail, **region}
everything = np.ones(count, bool)
atlas_map(
    pack_points(items, places), key="alone", frame="a", passing=everything, landing=landing, height=500,
    labels=family_labels(items, places, everything), selected=st.session_state.get("picked", []),
    on_select=lambda ids: st.session_state.update(picked=ids),
)  # fmt: skip
st.text(f"picked {len(st.session_state.get('picked', []))}")
