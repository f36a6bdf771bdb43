"""What a user looks at: space, filters and the one selection that all pages share. No Streamlit in here.

A view is also a part of an address, so that a link opens it again: `to_params` and `from_params`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fute_core.maps.palette import KINDS

LONGEST_SELECTION_IN_URL = 6000
"""Characters of names that go into the address; a larger selection stays in the session and is only counted there."""


@dataclass(frozen=True)
class View:
    """An item is named by its id, "kind:name". Empty filters let everything through.

    pair : the space of text pairs; False is that of single texts.
    selected : ids in the order they were picked; the last one is the current one.
    models : architectures or language models. text : must occur in name, family, template or labels.
    skill : least skill, where it was measured; 0 asks for none.
    untuned : without the fine-tuned language models that ship, which shape nothing.
    hide : what is filtered out is hidden; False draws it grey.
    """

    pair: bool = False
    selected: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    text: str = ""
    skill: float = 0.0
    untuned: bool = False
    hide: bool = False

    @property
    def current(self) -> str | None:
        return self.selected[-1] if self.selected else None

    @property
    def filtered(self) -> bool:
        lists = self.kinds or self.families or self.models or self.methods
        return bool(lists or self.text.strip() or self.skill or self.untuned)


SKILL_STEP = 0.05
"""Of the filter by skill."""
LISTS = {"kind": "kinds", "family": "families", "model": "models", "method": "methods"}
NAMES = ("pairs", "sel", *LISTS, "q", "skill", "untuned", "hide")
"""Every address parameter that belongs to the view; pages name their own otherwise."""


def to_params(view: View) -> dict[str, list[str]]:
    """Address parameters; what is as usual is left out."""
    params: dict[str, list[str]] = {}
    if view.pair:
        params["pairs"] = ["1"]
    if view.selected:
        fits = sum(len(i) + 5 for i in view.selected) <= LONGEST_SELECTION_IN_URL
        params["sel"] = list(view.selected) if fits else [f"*{len(view.selected)}"]
    for name, field in LISTS.items():
        if values := getattr(view, field):
            params[name] = list(values)
    if view.text.strip():
        params["q"] = [view.text]
    if view.skill:
        params["skill"] = [f"{view.skill:g}"]
    if view.untuned:
        params["untuned"] = ["1"]
    if view.hide:
        params["hide"] = ["1"]
    return params


def from_params(params: Mapping[str, Sequence[str]], before: View | None = None) -> View:
    """The view of an address. What cannot be read is as usual; names that no longer exist match nothing later on.

    before : the session's view, whose selection is kept where the address only counts it.
    """
    selected = tuple(dict.fromkeys(s for s in params.get("sel", ()) if s.partition(":")[0] in KINDS))
    if before is not None and any(s.startswith("*") for s in params.get("sel", ())):
        selected = before.selected
    lists = {field: tuple(dict.fromkeys(params.get(name, ()))) for name, field in LISTS.items()}
    lists["kinds"] = tuple(k for k in lists["kinds"] if k in KINDS)
    return View(
        pair=_last(params, "pairs") == "1",
        selected=selected,
        text=_last(params, "q")[:200],
        skill=_skill(_last(params, "skill")),
        untuned=_last(params, "untuned") == "1",
        hide=_last(params, "hide") == "1",
        **lists,
    )


def unread(params: Mapping[str, Sequence[str]], selected: Sequence[str] = ()) -> list[str]:
    """A sentence for each thing in an address that `from_params` passes over. selected : what the session has."""
    said = []
    for name in ("pairs", "untuned", "hide"):
        if name in params and (given := _last(params, name)) not in ("1", "0"):
            said.append(f"The address has “{name}={given}”, where it takes 1 or 0; it is passed over.")
    if name := next((k for k in params.get("kind", ()) if k not in KINDS), ""):
        said.append(f"The address asks for the kind “{name}”; there are {', '.join(KINDS)}.")
    skill = _last(params, "skill")
    if "skill" in params and skill != "0" and not _skill(skill):
        said.append(f"The address asks for a skill of “{skill}”, which goes from 0 to 1; it is passed over.")
    for item in params.get("sel", ()):
        if item.startswith("*"):
            if not selected:
                said.append(f"The address counts the items that were selected, {item[1:]}, but does not name them.")
        elif item.partition(":")[0] not in KINDS:
            said.append(f"The address selects “{item}”, which is no item: one is named as {KINDS[0]}:name.")
    return said


def _last(params: Mapping[str, Sequence[str]], name: str) -> str:
    values = params.get(name) or [""]
    return values[-1]


def _skill(value: str) -> float:
    """In steps of the filter; none for what is no share."""
    try:
        steps = round(float(value) / SKILL_STEP)
    except (ValueError, OverflowError):
        return 0.0
    return round(SKILL_STEP * steps, 2) if 0 < steps * SKILL_STEP <= 1 else 0.0
