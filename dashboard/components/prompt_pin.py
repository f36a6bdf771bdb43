"""A landing as it leaves: the nearest as a table, all that was told of it above, and the map with it in it."""

from typing import TYPE_CHECKING

from dashboard.components import prompt_reading
from dashboard.reads import costs, maps, places
from dashboard.session.filtering import KIND_NAME
from fute_core.errors import FuteError
from fute_core.space.told import STANDING, STANDINGS, standing_on

if TYPE_CHECKING:
    from dashboard.reads.places import Landed
    from fute_core.atlas.atlas import Atlas
    from fute_core.atlas.gallery import Item
    from fute_core.embedding.requests import EmbedRequest
    from fute_core.space.scale import Scale


def row_of(scale: "Scale", of: str, item: "Item", similarity: float, low: float, high: float) -> dict[str, object]:
    """One neighbour of a prompt that is `of` for the scale, as it stands in files."""
    own = item.embedding
    return {"name": own.name, "kind": own.kind, "family": own.family or "", "similarity": round(similarity, 4),
            "low": round(low, 4), "high": round(high, 4),
            STANDING: STANDINGS[standing_on(scale, of, own.kind, similarity)]}  # fmt: skip


def as_read(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Rows for a page: there kinds are called as everywhere on it, in files by what stands in ids.

    Those that may be said to do the same job come first, so that a line can part them.
    """
    shown = [{**row, "kind": KIND_NAME[str(row["kind"])]} for row in rows]
    return sorted(shown, key=lambda row: row[STANDING] != STANDINGS["same"])


def note(atlas: "Atlas", found: "Landed", request: "EmbedRequest") -> str:
    """What stands above the list on the board and in the report: verdict, repeats, what was asked of which model."""
    lines = [_verdict(atlas, found)]
    if repeats := places.repeats(atlas, found):
        nearest = [places.nearest_to(atlas, r.similarity, "dataset", found.name)[0] for r in repeats]
        lines.append(f"Repeats: {prompt_reading.where_repeats_land(nearest, repeats[0].n)}")
    model = costs.model_of(request)
    lines.append(f"Model: {model.name}{f' at {model.base_url}' if model.base_url else ''}.")
    return "\n".join([*lines, *_asked(found, request)])


def _verdict(atlas: "Atlas", found: "Landed") -> str:
    after = f"After {found.last.n} probe texts."
    judged = places.verdict(atlas, found)
    if judged is None:
        return after
    said_of_it, why = prompt_reading.verdict_words(judged, all_texts=found.last.n >= len(atlas.probes.texts))
    return f"{after} {said_of_it}. {why}"


def _asked(found: "Landed", request: "EmbedRequest") -> list[str]:
    """The settings and the prompt itself; of a file that is gone, what is still known."""
    from fute_core.embedding.opening import prompt_templates
    from fute_core.templates.answer_words import answer_lines

    how = [f"label priors {'removed' if found.calibrate else 'kept'}", f"{request.method} on {request.surrogate}"]
    try:
        asked = prompt_templates(request.ref)[request.template]
    except (FuteError, KeyError):
        return [f"Settings: {', '.join(how)}.", f"Template: {request.template}."]
    how.insert(0, "the model goes on from the last word" if asked.completion else "asked as in a chat where it is one")
    if asked.reasoning:
        how.insert(1, f"the model thinks first, at most {asked.reasoning.max_tokens} tokens")
    family = [f"Written for: {asked.family}."] if asked.family else []
    after = ["", "After its own words:", asked.reasoning.then] if asked.reasoning else []
    system = ["", "System message:", asked.system] if asked.system else []
    return [f"Settings: {', '.join(how)}.", *family, *system,
            "", "Template:", asked.source, *after, "", "Answers:", answer_lines(asked)]  # fmt: skip


def picture(atlas: "Atlas", found: "Landed") -> str:
    """The shared map with the prompt where it landed, as a plotly figure."""
    return maps.landing_json(atlas, found.last, found.name)
