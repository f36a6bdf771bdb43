"""What `fute embed` says of the embeddings that it made: their facts, their neighbours, and what to beware of."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli.neighbours import emit_neighbours
from fute_core.cli.output import note, say
from fute_core.display import kind_name
from fute_core.vectors import TaskEmbedding

if TYPE_CHECKING:
    from fute_core.space.row_spread import Over
    from fute_core.store.store import Store

NEIGHBOURS = 5
SHOWN_LABELS = 6
READ = ("columns", "labels", "dropped")
Done = tuple[TaskEmbedding, bool, float]
"""An embedding, whether the store had it, and the seconds it took."""


def with_neighbours(
    done: Sequence[Done],
    store: "Store",
    settle: float | None = None,
    probes: int | None = None,
    interval: "Over" = "texts",
) -> list[dict[str, Any]]:
    """What is told of each embedding: its facts, its nearest neighbours, and remarks.

    Parameters
    ----------
    done : sequence of Done
        The embeddings, now in the store.
    store : Store
        Holds what they are compared with, besides what ships.
    settle : float, optional
        At which confidence asking was to stop; None where all probe texts were asked.
    probes : int, optional
        How many probe texts there were to ask; by default by arity.
    interval : {"texts", "rows", "both"}, default "texts"
        What intervals are over.

    Returns
    -------
    list of dict
        JSON values, one an embedding.
    """
    from fute_core.atlas.fewer_texts import nearest_on_fewer
    from fute_core.atlas.neighbours import nearest_of_each

    near = nearest_of_each(store, [embedding for embedding, _, _ in done], NEIGHBOURS, interval=interval)
    near = [nearest_on_fewer(e, store, NEIGHBOURS) or known for (e, _, _), known in zip(done, near, strict=True)]
    return [
        {
            "name": embedding.name,
            "kind": embedding.kind,
            "family": embedding.family,
            "key": embedding.key,
            "cached": cached,
            "seconds": round(seconds, 4),
            "n_texts": embedding.provenance.n_texts,
            "n_truncated": embedding.provenance.n_truncated,
            "dim": embedding.length,
            "method": embedding.provenance.method,
            "surrogate": embedding.provenance.surrogate,
            **_read(embedding),
            "details": {k: v for k, v in embedding.provenance.details.items() if k not in (*READ, "read_notes")},
            "verdict": found["verdict"],
            "neighbours": found["neighbours"],
            **_settled(embedding, settle, probes),
            "notes": [*_warnings(embedding), *found["notes"]],
        }
        for (embedding, cached, seconds), found in zip(done, near, strict=True)
    ]


def _read(embedding: TaskEmbedding) -> dict[str, Any]:
    """What was read from a file: its columns, its labels (none for scores), and how many rows were left out and why."""
    details = embedding.provenance.details
    return {name: details[name] for name in READ if name in details}


def _settled(embedding: TaskEmbedding, settle: float | None, probes: int | None) -> dict[str, Any]:
    """After how many texts asking stopped, where it was to stop early."""
    if settle is None:
        return {}
    from fute_core.atlas.fewer_texts import shipped_texts
    from fute_core.datasets.probes import load_probes

    made = embedding.provenance
    m = len(load_probes(made.pair, probes).texts)
    n = shipped_texts(embedding) if made.probes else m  # without a probe set of its own a method is given all answers
    return {"settled": {"confidence": settle, "asked": n, "of": m, "early": n < m}}


def _how_settled(row: Mapping[str, Any]) -> list[str]:
    if (told := row.get("settled")) is None:
        return []
    if not told["early"]:
        return [f"{row['name']}: asked all {told['of']} probe texts."]
    return [
        f"{row['name']}: settled after {told['asked']} of {told['of']} probe texts; without --settle the rest is asked."
    ]


def _warnings(embedding: TaskEmbedding) -> list[str]:
    """What a user has to know before trusting the vector."""
    from fute_core.space.readable import why_silent, why_unsure
    from fute_core.space.scale import few_texts

    details, texts = embedding.provenance.details, embedding.provenance.n_texts
    remarks = [f"{embedding.name}: {said}" for said in details.get("read_notes", ())]
    if silent := why_silent(embedding):
        remarks.append(f"{embedding.name}: {silent}")
    elif unsure := why_unsure(embedding):
        remarks.append(f"{embedding.name}: {unsure}")
    elif few := few_texts(embedding):
        remarks.append(f"{embedding.name}: {few}")
    if missing := details.get("unanswered"):
        remarks.append(f"{embedding.name}: {missing} of {texts + missing} probe texts have no answer and are left out.")
    if details.get("reading") == "text":
        remarks.append(f"{embedding.name}: read as text, which is another reading than log-probabilities: compare it "
                       "with what was read as text too.")  # fmt: skip
    if unnamed := details.get("no_label"):
        remarks.append(f"{embedding.name}: a share of {unnamed:.2g} of its answers names no label and is left out.")
    if unseen := details.get("unseen_choices"):
        remarks.append(f"{embedding.name}: a share of {unseen:.2g} of its answer choices was not among the likeliest "
                       "first tokens that the server gives, so only a bound of them is known.")  # fmt: skip
    if beyond := details.get("beyond_probes"):
        remarks.append(f"{embedding.name}: {beyond} answers are to probe texts that were not asked for, and left out.")
    if cut := embedding.provenance.n_truncated:
        were = "1 text was" if cut == 1 else f"{cut} texts were"
        reader = {"dataset": "surrogate", "prompt": "language model"}.get(embedding.kind, kind_name(embedding.kind))
        remarks.append(f"{embedding.name}: {were} longer than the {reader} reads and cut.")
    return remarks


def _told(row: Mapping[str, Any]) -> str:
    """How many labels were read and how many rows were not, after the columns."""
    labels, gone = row.get("labels", ()), sum(row.get("dropped", {}).values())
    said = "; scores" if not labels else f"; {len(labels)} labels: {', '.join(labels[:SHOWN_LABELS])}"
    said += f" and {len(labels) - SHOWN_LABELS} more" if len(labels) > SHOWN_LABELS else ""
    return said + (f"; {gone:,} {'row' if gone == 1 else 'rows'} left out" if gone else "")


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print embeddings with their neighbours for a person.

    Parameters
    ----------
    rows : sequence of dict
        As `with_neighbours` makes them.
    """
    for row in rows:
        how = "from the store" if row["cached"] else f"in {row['seconds']:.1f} s"
        title = f"{row['name']}  ({kind_name(row['kind'])}, {row['n_texts']} texts, {row['dim']} numbers, {how})"
        if row["neighbours"]:
            emit_neighbours(title, row["neighbours"], row["verdict"])
        else:
            same_way = f"--method {row['method']} --surrogate {row['surrogate']}"
            say(f"{title}\nNothing to compare with yet; embed the shipped datasets as well:")
            click.echo(f"fute embed dataset all {same_way}")
        if read := row.get("columns"):
            named = ((place.replace("_", " "), column) for place, column in read.items() if column is not None)
            say(f"Read from columns: {', '.join(f'{place} {column!r}' for place, column in named)}{_told(row)}")
        click.echo()
    for remark in dict.fromkeys(remark for row in rows for remark in (*_how_settled(row), *row["notes"])):
        note(remark)
