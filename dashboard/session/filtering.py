"""Which items the view's filters let through, and which filter it was that let none through. No Streamlit in here."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from dashboard.session.view import View
from fute_core.analysis.skill import skill_of
from fute_core.atlas.newcomers import is_tuned
from fute_core.display import KIND_NAME
from fute_core.maps.palette import KINDS, NO_FAMILY, family_order

if TYPE_CHECKING:
    from fute_core.atlas.gallery import Item

KIND_NAMES = {kind: f"{name.capitalize()}s" for kind, name in KIND_NAME.items()}
"""Of several, as a heading or an option."""
ALL_KINDS = "{}, {} and {}".format(*(name.lower() for name in KIND_NAMES.values()))
"""All of them within a sentence."""


def item_id(item: "Item") -> str:
    return f"{item.embedding.kind}:{item.embedding.name}"


def model_of(item: "Item") -> str | None:
    """The language model of a prompt, the architecture of a classifier; None for a dataset or where unknown."""
    return item.facts.get("language_model") or item.facts.get("architecture")


def searched(item: "Item") -> str:
    """What a text search looks through, in lower case."""
    facts = item.facts
    parts = [item.embedding.name, item.embedding.family, facts.get("title"), facts.get("template"),
             facts.get("base_model"), facts.get("dataset"), model_of(item), *(facts.get("labels") or ())]  # fmt: skip
    return "\n".join(str(p) for p in parts if p).casefold()


def tests(view: View) -> dict[str, "object"]:
    """The filters in use by the words a user knows them by, each a function from an item to True or False."""
    used: dict[str, object] = {}
    if view.kinds:
        used["kind"] = lambda item: item.embedding.kind in view.kinds
    if view.families:
        used["family"] = lambda item: (item.embedding.family or NO_FAMILY) in view.families
    if view.models:
        used["model"] = lambda item: model_of(item) in view.models
    if view.methods:
        used["method"] = lambda item: item.embedding.provenance.method in view.methods
    if view.skill:
        used["skill"] = lambda item: (found := skill_of(item.facts)) is None or found.skill >= view.skill
    if view.untuned:
        used["no fine-tuned language models"] = lambda item: not is_tuned(item)
    if words := view.text.casefold().split():
        used["search"] = lambda item: all(word in searched(item) for word in words)
    return used


def passing(items: Sequence["Item"], view: View) -> np.ndarray:
    """bool (n,): the items that every filter lets through."""
    checks = list(tests(view).values())
    return np.fromiter((all(check(item) for check in checks) for item in items), bool, len(items))


def why_empty(items: Sequence["Item"], view: View) -> str:
    """One sentence that names the filters that emptied a view, those first without which something would be left."""
    checks = tests(view)
    alone = [name for name, check in checks.items() if not any(check(item) for item in items)]
    if not alone:
        alone = [
            name
            for name in checks
            if any(all(check(item) for other, check in checks.items() if other != name) for item in items)
        ]
    shown = {
        "kind": ", ".join(KIND_NAMES[k].lower() for k in view.kinds),
        "family": ", ".join(view.families),
        "model": ", ".join(view.models),
        "method": ", ".join(view.methods),
        "skill": f"at least {view.skill:g}",
        "no fine-tuned language models": "",
        "search": f"“{view.text.strip()}”",
    }
    named = [f"{name} {shown[name]}".rstrip() for name in alone or checks]
    if len(named) == 1:
        return f"Nothing fits the filter {named[0]}."
    return f"Nothing fits the filters {', '.join(named[:-1])} and {named[-1]} together."


def missing(items: Sequence["Item"], view: View) -> dict[str, list[str]]:
    """What a view names that is not among these items: names by what the view does with them."""
    there, known = options(items), {item_id(i) for i in items}
    found = {
        "selects": [i for i in view.selected if i not in known],
        "filters by the family": [f for f in view.families if f not in there["families"]],
        "filters by the model": [m for m in view.models if m not in there["models"]],
        "filters by the method": [m for m in view.methods if m not in there["methods"]],
    }
    return {what: names for what, names in found.items() if names}


def options(items: Iterable["Item"]) -> dict[str, list[str]]:
    """What each filter can be set to, in the order of the palette or by name."""
    items = list(items)
    return {
        "kinds": [k for k in KINDS if any(i.embedding.kind == k for i in items)],
        "families": [f or NO_FAMILY for f in family_order(i.embedding.family for i in items)],
        "models": sorted({m for m in map(model_of, items) if m}, key=str.casefold),
        "methods": sorted({i.embedding.provenance.method for i in items}),
    }
