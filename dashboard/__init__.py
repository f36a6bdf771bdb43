"""The Streamlit dashboard: pages over `fute_core`, with no maths of their own."""
