"""Scripts of our own components: folders that the server hands out, and plotly.js, which is loaded once a page."""

import importlib.resources
from importlib.metadata import version
from pathlib import Path

import streamlit as st

from fute_core.digest import digest

LOADER = """
function plotly() {
  window.taskAtlasPlotly ??= window.Plotly ? Promise.resolve() : new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = "__PLOTLY__/plotly.min.js";
    script.onload = done;
    script.onerror = failed;
    document.head.appendChild(script);
  });
  return window.taskAtlasPlotly;
}
export default function (component) {
  let end = null;
  let over = false;
  Promise.all([import(location.origin + "__OURS__/main.js"), plotly()]).then(([main]) => {
    if (!over) end = main.__RENDER__(component);
  });
  return () => { over = true; end?.(); };
}
"""


def with_plotly(name: str, frontend: Path, render: str) -> str:
    """A component's script: loads `main.js` of the folder and plotly.js, then calls the function called `render`."""
    plotly = importlib.resources.files("plotly") / "package_data"
    # The version is in the address, since browsers keep what they loaded.
    ours = _served(f"{name}_{_version(frontend)}", frontend)
    theirs = _served(f"plotly_{version('plotly').replace('.', '_')}", plotly)
    return LOADER.replace("__OURS__", ours).replace("__PLOTLY__", theirs).replace("__RENDER__", render)


def _served(name: str, folder: Path) -> str:
    """Address of a folder, served by declaring a component that nobody mounts."""
    from streamlit.components.v1 import declare_component

    base = st.get_option("server.baseUrlPath").strip("/")
    return f"{'/' + base if base else ''}/component/{declare_component(name, path=str(folder)).name}"


def _version(folder: Path) -> str:
    return digest([(f.name, f.read_bytes()) for f in sorted(folder.iterdir()) if f.is_file()])[:12]
