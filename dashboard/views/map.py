"""The map."""

import numpy as np
import streamlit as st

from dashboard import data, state
from dashboard.components.atlas_map import atlas_map
from dashboard.components.atlas_map.payload import family_labels, pack_points
from dashboard.filtering import passing
view = state.view()
atlas = data.atlas(view.pair)
st.multiselect("Kind", ["dataset", "model", "prompt"], **state.bound("kinds"))
st.checkbox("hide", **state.bound("hide"))
shown = passing(atlas.items, view)
atlas_map(pack_points(atlas.items, atlas.coordinates), key="map", frame="d", passing=shown, hide=view.hide, selected=view.selected, on_select=lambda ids: state.select(*ids), labels=family_labels(atlas.items, atlas.coordinates, shown))
st.write(view.selected)
