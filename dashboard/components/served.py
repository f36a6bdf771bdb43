"""Scripts of our own components: folders that the server hands out, and plotly.js, which is loaded once a page."""

import importlib.resources
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import streamlit as st

from fute_core.digest import digest

PLOTLY = """
function needed() {
  window.taskAtlasPlotly ??= window.Plotly ? Promise.resolve() : new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = "__PLOTLY__/plotly.min.js";
    script.onload = done;
    script.onerror = () => {
      delete window.taskAtlasPlotly; // the next that needs it tries again
      failed(new Error("plotly.js did not load"));
    };
    document.head.appendChild(script);
  });
  return window.taskAtlasPlotly;
}
"""
FIRST = {"before": "needed()", "meanwhile": "(needed(), null)", "not": "null"}
LOADER = """
export default function (component) {
  let end = null;
  let over = false;
  Promise.all([import(location.origin + "__OURS__/main.js"), __FIRST__]).then(([main]) => {
    if (!over) end = main.__RENDER__(component);
  });
  return () => { over = true; end?.(); };
}
"""


def scripts(name: str, frontend: Path, render: str, *, plotly: Literal["before", "meanwhile", "not"] = "not") -> str:
    """A component's script: loads `main.js` of the folder, then calls the function `render`.

    plotly : "before" that, plotly.js is loaded as well; "meanwhile" it is begun, and `window.taskAtlasPlotly` is a
    promise of it.
    """
    ours = _served(f"{name}_{_version(frontend)}", frontend)
    loader = LOADER.replace("__OURS__", ours).replace("__RENDER__", render)
    return ("" if plotly == "not" else _plotly()) + loader.replace("__FIRST__", FIRST[plotly])


def ahead() -> None:
    """Nothing to see: has the browser load plotly.js while the page that will want it is still computed."""
    _ahead()(key="plotly-ahead", height=1)


@lru_cache(maxsize=1)
def _ahead():
    script = _plotly() + "export default function () { needed(); }"
    return st.components.v2.component("plotly_ahead", js=script, isolate_styles=False)


def _plotly() -> str:
    folder = importlib.resources.files("plotly") / "package_data"
    # The version is in the address, since browsers keep what they loaded.
    return PLOTLY.replace("__PLOTLY__", _served(f"plotly_{version('plotly').replace('.', '_')}", folder))


def _served(name: str, folder: Path) -> str:
    """Address of a folder, served by declaring a component that nobody mounts."""
    from streamlit.components.v1 import declare_component

    base = st.get_option("server.baseUrlPath").strip("/")
    return f"{'/' + base if base else ''}/component/{declare_component(name, path=str(folder)).name}"


def _version(folder: Path) -> str:
    return digest([(f.name, f.read_bytes()) for f in sorted(folder.iterdir()) if f.is_file()])[:12]
