"""`fute eval`: whether the space keeps its promise, with what anyone needs to check it on data of their own."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli.device import on_device
from fute_core.cli.output import emit_json, emit_table, note
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.embedding.recipe import Recipe
    from fute_core.evaluation.parts.choice import Choice
    from fute_core.evaluation.results import Result

QUICK_FAMILIES = ("sentiment", "spam")
QUICK_DATASETS = ("sst2", "mr", "sms_spam", "youtube_spam")
QUICK_ARCHITECTURES = ("logistic", "naive-bayes")


@click.group(name="eval")
def eval_() -> None:
    """Measure retrieval, tuned models, surrogates, prompts, transfer, stability, covers, coverage, claims, settling.

    What is computed is kept in the store, so a run that is stopped goes on where it was.
    """


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        [
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
            click.option("--quick", is_flag=True, help="A small part, to see that it works; not a measurement."),
            click.option("--out", type=click.Path(path_type=Path, file_okay=False),
                         help="Folder of the tables.  [default: docs/results]"),
        ]
    ):  # fmt: skip
        command = option(command)
    return on_device(command)


_data = click.option(
    "--data", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder with datasets.json (cards) and datasets/NAME.jsonl: measured too, and reported apart.",
)  # fmt: skip


@eval_.command()
@_data
@click.option("--afresh", is_flag=True, help="Compute the shipped datasets and black boxes anew, in half an hour.")
@_common
def retrieval(folder: Path | None, afresh: bool, **common: Any) -> None:
    """Whether black boxes of known skill lie nearest to their own dataset.

    Those that ship are read from the gallery, which `fute gallery verify` checks; yours are trained and embedded.
    """
    from fute_core.evaluation.parts.choice import own_parts
    from fute_core.evaluation.retrieval.report import retrieval_result
    from fute_core.store.unnamed import UnnamedStore

    if folder is not None:
        own_parts(folder)  # what cannot be used is told before an hour's work
    quick = common["quick"]
    part = {"names": QUICK_DATASETS, "architectures": QUICK_ARCHITECTURES} if quick else {"afresh": afresh}
    _finish(retrieval_result(UnnamedStore(), folder, _told(common), _recipe(quick), **part), folder, common)


@eval_.command("fine-tuned")
@_common
def fine_tuned(**common: Any) -> None:
    """Whether fine-tuned language models lie nearest to their own dataset, too, and by task or by architecture.

    They are read from what ships (`fute gallery build --part fine-tuned`); none is trained.
    """
    from fute_core.evaluation.fine_tuned import fine_tuned_result

    _finish(fine_tuned_result(common["quick"]), None, common)


@eval_.command()
@click.option("--surrogate", "surrogates", multiple=True,
              help="Encoder: packaged name, directory or Hub id. May be repeated; the first is compared with the "
              "others.  [default: bge-small and the packaged encoders that are installed]")  # fmt: skip
@_common
def surrogates(surrogates: Sequence[str], **common: Any) -> None:
    """Whether the picture depends on the surrogate: the same datasets and black boxes on several encoders.

    Datasets are read anew by each encoder, in minutes to a quarter of an hour; black boxes answer as they ship.
    """
    from fute_core.evaluation.surrogates import SURROGATES, surrogates_result
    from fute_core.store.unnamed import UnnamedStore

    names = QUICK_DATASETS if common["quick"] else None
    _finish(surrogates_result(UnnamedStore(), surrogates or SURROGATES, names, _told(common)), None, common)


@eval_.command()
@_data
@click.option("--model", "models", multiple=True, default=("smollm2",), show_default=True,
              help="Language model: packaged name, directory or Hub id. May be repeated.")  # fmt: skip
@click.option("--rows", type=click.IntRange(min=10), help="Held-out rows a dataset.  [default: 100]")
@click.option("--probes", type=click.IntRange(min=16), help="Probe texts.  [default: by arity]")
@click.option("--family", "families", multiple=True, help="Only prompts of this family. May be repeated.")
@click.option("--stored-only", is_flag=True, help="Ask no model: only prompts that were answered before.")
@click.option(
    "--shipped",
    is_flag=True,
    help="By the accuracies that ship instead, on every language model of the gallery; no model is asked.",
)
@_common
def prompts(
    models: Sequence[str], rows: int | None, probes: int | None, families: Sequence[str], stored_only: bool,
    shipped: bool, folder: Path | None, **common: Any,
) -> None:  # fmt: skip
    """Rank the shipped prompts of each family by their similarity to its datasets, against their accuracy."""
    from fute_core.evaluation.prompts.report import prompt_result
    from fute_core.evaluation.prompts.shipped_cases import shipped_cases
    from fute_core.evaluation.prompts.shipped_report import shipped_result
    from fute_core.evaluation.prompts.study import ROWS, study_prompts
    from fute_core.store.unnamed import UnnamedStore

    quick = common["quick"]
    if shipped:
        if folder or rows or probes or stored_only:
            raise BadInput(
                "--shipped judges by the accuracies that ship, so it takes no --data, --rows, --probes or "
                "--stored-only; leave these out, or --shipped."
            )
        some = families or (QUICK_FAMILIES if quick else None)
        _finish(shipped_result(shipped_cases(UnnamedStore(), some, _told(common))), None, common)
        return
    study = study_prompts(
        UnnamedStore(), models={model: model for model in models}, choice=_choice(folder, quick),
        recipe=_recipe(quick, probes), rows=rows or (24 if quick else ROWS), stored_only=stored_only,
        families=families or (QUICK_FAMILIES if quick else None), per_family=4 if quick else None, tell=_told(common),
    )  # fmt: skip
    _finish(prompt_result(study), folder, common)


@eval_.command()
@_data
@click.option(
    "--method", default="fused", show_default=True, help="How vectors are made; functional takes a fifth of the time."
)
@_common
def stability(folder: Path | None, method: str, **common: Any) -> None:
    """Other rows, other probe texts, shuffled labels and spoilt answers: what moves a vector and what does not."""
    from fute_core.embedding.recipe import Recipe
    from fute_core.evaluation.stability.study import stability_result
    from fute_core.store.unnamed import UnnamedStore

    quick = common["quick"]
    recipe = _recipe(True) if quick else Recipe(method)
    recipe.build()  # an unknown method is told before anything is computed
    result = stability_result(UnnamedStore(), _choice(folder, quick), recipe, _told(common))
    _finish(result, folder, common)


@eval_.command()
@_common
def transfer(**common: Any) -> None:
    """Fine-tune on one dataset, then on few rows of another: does similarity tell which first dataset helps most?"""
    from fute_core.evaluation.transfer import QUICK, TransferPlan, transfer_result
    from fute_core.store.unnamed import UnnamedStore

    quick = common["quick"]
    plan = QUICK if quick else TransferPlan()
    _finish(transfer_result(UnnamedStore(), plan, _recipe(quick), _told(common)), None, common)


@eval_.command()
@_common
def cover(**common: Any) -> None:
    """Rank models on the few datasets that `fute cover` chooses: as on all, and better than on any few?"""
    from fute_core.evaluation.cover_check import SIZES, cover_result
    from fute_core.evaluation.parts.learners import LEARNERS
    from fute_core.store.unnamed import UnnamedStore

    quick = common["quick"]
    names, learners, sizes = (QUICK_DATASETS, LEARNERS[:8], (2,)) if quick else (None, LEARNERS, SIZES)
    _finish(cover_result(UnnamedStore(), names, learners, sizes, _told(common)), None, common)


@eval_.command()
@_common
def coverage(**common: Any) -> None:
    """How often intervals hold on other probe texts and other rows, and regions the last place; no model is asked.

    Halves of the shipped datasets' rows are embedded, which takes a quarter of an hour the first time.
    """
    from fute_core.evaluation.coverage.report import coverage_result
    from fute_core.store.unnamed import UnnamedStore

    _finish(coverage_result(UnnamedStore(), common["quick"], _told(common)), None, common)


@eval_.command()
@_common
def claims(**common: Any) -> None:
    """How often what is claimed of newcomers is wrong, each family left out in turn; minutes, no model is asked."""
    from fute_core.evaluation.claims import claims_result

    _finish(claims_result(common["quick"], _told(common)), None, common)


@eval_.command()
@_common
def settle(**common: Any) -> None:
    """How many texts are asked until a verdict is settled, and how many verdicts that changes; no model is asked."""
    from fute_core.evaluation.settling.report import settle_result

    _finish(settle_result(common["quick"], _told(common)), None, common)


def _choice(folder: Path | None, quick: bool) -> "Choice":
    from fute_core.evaluation.parts.choice import Choice

    return Choice(folder, QUICK_DATASETS if quick else None, 60 if quick else None)


def _recipe(quick: bool, probes: int | None = None) -> "Recipe":
    """The default one, or without the backward pass and on few texts."""
    from fute_core.embedding.recipe import Recipe

    return Recipe("functional", n_probes=probes or 64) if quick else Recipe(n_probes=probes)


def _told(common: dict[str, Any]) -> Callable[[str], None]:
    return (lambda message: None) if common["as_json"] else note


def _finish(result: "Result", folder: Path | None, common: dict[str, Any]) -> None:
    """Write the tables and print them. Only a full run on shipped data alone has the plain name."""
    from dataclasses import replace

    from fute_core.evaluation.results import WRITTEN, write_result

    parts = [result.name, folder.resolve().name if folder else "", "quick" if common["quick"] else ""]
    result = replace(result, name="-".join(part for part in parts if part))
    page, _ = write_result(result, _command(), common["out"] or WRITTEN)
    if common["as_json"]:
        emit_json(result.as_json())
        return
    for remark in result.remarks:
        note(remark)
    for table in result.tables:
        emit_table(table.title, table.columns, table.rows)
        if table.note:
            click.echo(table.note)
        click.echo()
    note(f"Wrote {page}.")


def _command() -> str:
    """The command as typed, paths as their last part: the folder of whoever ran it is nobody's concern."""
    shown = [Path(word).name if "/" in word and Path(word).exists() else word for word in sys.argv[1:]]
    return " ".join(["fute", *shown])


def register(main: click.Group) -> None:
    """Add `fute eval` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(eval_)
