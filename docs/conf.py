"""The documentation site: `make docs` builds it without a network, and any warning is an error."""

from importlib.metadata import version as version_of
from importlib.util import find_spec
from pathlib import Path
from types import GenericAlias

import fute_core

project = "Task Atlas"
author = "The Task Atlas maintainers"
release = version = version_of("task-atlas")

extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax", "numpydoc", "myst_nb"]
templates_path = ["_templates"]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
# A test runs the notebooks; the site shows them as they were stored.
nb_execution_mode = "off"

autosummary_generate = True
autodoc_default_options = {
    "members": True,
    "member-order": "bysource",
    "show-inheritance": True,
    # A name that a package offers again is described where it is made.
    "ignore-module-all": True,
    # scikit-learn gives these to every estimator, with a text that links into its own site.
    "exclude-members": "set_fit_request, set_predict_request, set_score_request, set_transform_request",
}
autodoc_typehints = "none"
numpydoc_show_class_members = False

# One script that needs no fonts and asks no server for anything.
_mathjax = Path(find_spec("sphinx-mathjax-offline").origin).parent / "static" / "mathjax" / "tex-svg.js"
html_static_path = [str(_mathjax)]
mathjax_path = _mathjax.name

html_theme = "furo"
html_title = "Task Atlas"
html_show_sourcelink = False
html_copy_source = False


def _left_out(app, what, name, obj, skip, options) -> bool | None:
    """What the front door offers is described there and not again in its room; a name for a type has no signature."""
    if what == "module" and name in fute_core.__all__ and getattr(fute_core, name) is obj:
        return True
    return True if isinstance(obj, GenericAlias) else None


def setup(app) -> None:
    app.connect("autodoc-skip-member", _left_out)
