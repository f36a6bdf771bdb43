"""About the method: what a point is, shown on the user's own space, and how well it works, as measured."""

import json
from pathlib import Path

import streamlit as st

from dashboard import data, state
from dashboard.components import page
from dashboard.components.evidence import one_dataset_and_its_models
from fute_core.home import DATA

RESULTS = DATA.parent / "docs" / "results"
MEASURES = {
    "skilled_own_top1": "A skilled model's nearest dataset is its own",
    "skilled_family_first": "A skilled model's nearest dataset is of its family",
    "weak_family_first": "The same for weak models",
    "mte_own_mrr": "Mean reciprocal rank of a model's own dataset",
    "dte_family_mrr": "Mean reciprocal rank of a dataset's family",
}
WEAK = 0.7
"""Families whose mean reciprocal rank lies below are named as weak."""


def draw() -> None:
    page.heading(
        "About the method", "How datasets, classifiers and prompts come to lie in one space, and how far to trust it."
    )
    method()
    with page.trouble():
        picture()
    results()


def method() -> None:
    page.section("What a point is")
    st.markdown(
        "- **A dataset** (dataset task embedding, DTE) lies where its texts and labels put it: a fixed encoder reads "
        "the texts, and a small head learns the labels from them.\n"
        "- **A classifier** (model task embedding, MTE) lies where its answers put it. It labels unlabelled texts; "
        "no weights, gradients or training data are needed.\n"
        "- **A prompt with its language model** is one model, and lies where its answers on those texts put it."
        "\n\nEverything answers the same probe texts, so two things that do the same job answer alike, whatever their "
        "labels are called. As published, raw vectors of datasets and models do not share a space; each kind is "
        "therefore calibrated on its own before they are compared."
    )


def picture() -> None:
    """Labels, answers and likeness of one dataset and the models nearest to it, from the space itself."""
    page.section("In your own space")
    atlas = data.atlas(state.view().pair)
    rows = one_dataset_and_its_models(atlas, next(iter(data.chosen(atlas, state.view().selected)), None))
    if not rows:
        page.quiet("There is no dataset with a model in this space yet.")
        return
    st.dataframe(rows, hide_index=True)
    page.quiet("The same probe text, and what each of them says about it. Likeness is over all probe texts.")


def results() -> None:
    page.section("How well it works")
    known = _read("retrieval.json")
    if known is None:
        page.quiet("No evaluation results are here; make them with `fute eval retrieval`.")
    else:
        versions = ", ".join(f"{k} {v}" for k, v in (known.get("versions") or {}).items())
        page.quiet(f"{known.get('title', '')} Made by {known.get('command', '')}. {versions}")
        st.dataframe(measured(known), hide_index=True)
        st.dataframe(families := by_family(known), hide_index=True)
        weak = [r["family"] for r in families if r["own dataset, MRR"] is not None and r["own dataset, MRR"] < WEAK]
        if weak:
            page.notice(f"Weak families, where a model's own dataset is often not the nearest: {', '.join(weak)}.")
    for path in sorted(RESULTS.glob("*.md")) if RESULTS.is_dir() else ():
        with st.expander(path.stem.capitalize()):
            st.markdown(path.read_text("utf-8"))


def measured(known: dict) -> list[dict]:
    """One row a measure: ours, each baseline beside it, and chance."""
    rows = []
    for name, words in MEASURES.items():
        row = {"measure": words, "this space": _with_interval(known.get(name))}
        for baseline, values in (known.get("baselines") or {}).items():
            row[baseline] = _with_interval(values.get(name))
        chance = (known.get(name) or {}).get("chance")
        rows.append(
            {**row, "chance": "–" if chance is None else f"{chance:.2f}", "n": (known.get(name) or {}).get("n")}
        )
    return rows


def by_family(known: dict) -> list[dict]:
    """One row a family, the weakest first."""
    rows = [
        {
            "family": family,
            "own dataset, MRR": _value(values, "mte_own_mrr"),
            "models": (values.get("mte_own_mrr") or {}).get("n"),
            "skilled: own first": _value(values, "skilled_own_top1"),
            "skilled: family first": _value(values, "skilled_family_first"),
            "weak: family first": _value(values, "weak_family_first"),
        }
        for family, values in (known.get("by_family") or {}).items()
    ]
    return sorted(rows, key=lambda r: (r["own dataset, MRR"] is None, r["own dataset, MRR"] or 0))


def _read(name: str) -> dict | None:
    path = Path(RESULTS) / name
    try:
        known = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) else None


def _value(values: dict, name: str) -> float | None:
    return (values.get(name) or {}).get("value")


def _with_interval(measure: dict | None) -> str:
    if not measure or measure.get("value") is None:
        return "–"
    low, high = measure.get("low"), measure.get("high")
    return f"{measure['value']:.2f}" + (f" ({low:.2f} to {high:.2f})" if low is not None and high is not None else "")


draw()
