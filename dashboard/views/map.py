"""The map."""

import streamlit as st

from dashboard import data, state

st.header("Map")
st.write(len(data.atlas(state.view().pair).items))
