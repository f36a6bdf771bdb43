"""`fute prompts check` and `fute probes export`: what goes in before anything is computed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fute_core.cli.embed import _pairs
from fute_core.cli.output import emit_json, emit_table, note
from fute_core.display import counted
from fute_core.errors import BadInput

if TYPE_CHECKING:
    from fute_core.tasks import PromptTemplate


@click.group()
def prompts() -> None:
    """Prompt templates."""


@prompts.command()
@click.argument("path", metavar="FILE_OR_FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--field", "fields", multiple=True, metavar="NAME=text",
    help="Template variable to text or text_pair, or to words of your own in double quotes.",
)  # fmt: skip
@click.option("--choices", help='Answer choices of a plain template: "negative=bad|awful,positive=good".')
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(path: Path, fields: tuple[str, ...], choices: str | None, as_json: bool) -> None:
    """Every template of a file with its fields, choices and a rendered example, or why it can't be used.

    Of a folder: how many templates of the files below it can be used, and how many cannot, by reason. Reads own YAML,
    promptsource YAML, lm-evaluation-harness task YAML and plain Jinja files.
    """
    mapped = _pairs(fields, "--field")
    usable = (_check_folder if path.is_dir() else _check_file)(path, mapped, choices, as_json)
    if not usable:
        raise SystemExit(2)


def _check_file(path: Path, fields: dict[str, str], choices: str | None, as_json: bool) -> int:
    from fute_core.datasets.probes import load_probes
    from fute_core.templates.checking import check as check_file

    examples = {False: load_probes(False, 1).texts[0], True: load_probes(True, 1).texts[0]}
    rows = check_file(path, fields=fields, choices=choices, examples=examples)
    if as_json:
        emit_json(rows)
    else:
        cells = [
            (r["name"], "yes" if r["usable"] else "no", r["format"], ", ".join(r["labels"] or ()),
             r["problem"] or r["example"])
            for r in rows
        ]  # fmt: skip
        columns = ("template", "usable", "format", "labels", "example")
        emit_table(f"{path.name}: {counted(len(rows), 'template')}", columns, cells)
        for r in rows:
            for remark in r["notes"]:
                note(f"{r['name']}: {remark}")
        if any(r["format"] == "promptsource" and r["usable"] for r in rows):
            note("promptsource itself cuts every text at 2,048 characters; here texts stay whole.")
    return sum(r["usable"] for r in rows)


def _check_folder(path: Path, fields: dict[str, str], choices: str | None, as_json: bool) -> int:
    from fute_core.templates.trees import survey

    tree = survey(path, fields=fields, choices=choices)
    reasons = tree.reasons()
    if as_json:
        keys = ("reason", "count", "example")
        emit_json({
            "folder": str(path), "files": tree.files, "other_files": tree.others, "templates": len(tree.rows),
            "usable": tree.usable, "reasons": [dict(zip(keys, row, strict=True)) for row in reasons],
            "rows": list(tree.rows),
        })  # fmt: skip
    else:
        others = f"; {tree.others:,} other YAML files" if tree.others else ""
        title = (
            f"{path.name}: {tree.usable:,} of {len(tree.rows):,} templates in {tree.files:,} files can be used{others}"
        )
        emit_table(title, ("count", "why it can't be used", "one of them"), [(n, why, one) for why, n, one in reasons])
    return tree.usable


@prompts.command("with-examples")
@click.argument("refs", nargs=-1, required=True, metavar="PROMPTS...")
@click.option("--dataset", required=True, metavar="DATASET", help="Shipped name, file or Hub id: its training rows.")
@click.option("--examples", "n", type=click.IntRange(min=1), default=4, show_default=True, help="How many.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which rows, and their order.")
@click.option(
    "--longest", type=click.IntRange(min=1), default=500, show_default=True, help="Characters of the longest row."
)
@click.option("--template", "names", multiple=True, help="Only this template of a file; may be repeated.")
@click.option("--field", "fields", multiple=True, metavar="NAME=text", help="Template variable to text or text_pair.")
@click.option("--choices", help='Answer choices of a plain template: "negative=bad|awful,positive=good".')
@click.option("--text-column", help="Column of the texts.  [default: by name and content]")
@click.option("--text-pair-column", help="Column of the second texts of pairs.")
@click.option("--label-column", help="Column of the labels.  [default: by name and content]")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write them there.  [default: print them]")
def with_examples(
    refs: tuple[str, ...], dataset: str, n: int, seed: int, longest: int, names: tuple[str, ...],
    fields: tuple[str, ...], choices: str | None, out: Path | None, **columns: Any,
) -> None:  # fmt: skip
    """Put worked examples before PROMPTS (few-shot prompts), and print them as a file of prompts.

    PROMPTS are shipped names or families, or files of templates. Each example is the prompt on a labelled row of
    DATASET, with its answer. Labels are matched by name; each has its turn. The file can be read, changed, and given to
    `fute embed prompt`, `fute select` or the dashboard.
    """
    from fute_core.datasets.catalog import load_dataset
    from fute_core.embedding.opening import prompt_templates
    from fute_core.home import write_whole
    from fute_core.templates.draft import as_yaml
    from fute_core.templates.worked_examples import with_examples as put_examples

    rows = load_dataset(dataset, **columns)
    made: dict[str, PromptTemplate] = {}
    for ref in refs:
        templates = prompt_templates(ref, fields=_pairs(fields, "--field"), choices=choices)
        if unknown := [name for name in names if name not in templates]:
            raise BadInput(f"{ref} has no template {unknown[0]!r}; choose from: {', '.join(templates)}.")
        for name in names or templates:
            found = put_examples(templates[name], rows, n, seed=seed, longest=longest)
            if made.setdefault(found.name, found) != found:
                raise BadInput(f"Two of these prompts are called {name!r}, and a file holds one of a name; rename one.")
    written = as_yaml(list(made.values()))
    if out is None:
        click.echo(written.decode("utf-8"), nl=False)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, written)
    note(f"Wrote {counted(len(made), 'prompt')} to {out}. Ask one: fute embed prompt {out}")


@click.group()
def probes() -> None:
    """The shared texts that every model answers."""


@probes.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--pairs", is_flag=True, help="Text pairs instead of single texts.")
@click.option("--probes", "n", type=click.IntRange(min=1), help="How many; default by arity.")
def export(file: Path, pairs: bool, n: int | None) -> None:
    """Write the probe texts to FILE.csv or FILE.jsonl, to be answered by a model elsewhere."""
    from fute_core.datasets.probes import export_probes

    count = export_probes(file, pairs, n)
    note(
        f"Wrote {count} probe texts to {file}. Answer them, then: fute embed outputs ANSWERS.csv "
        "(columns id and one probability a label)."
    )


def register(main: click.Group) -> None:
    """Add `fute prompts` and `fute probes` to the command line.

    Parameters
    ----------
    main : click.Group
        The `fute` command.
    """
    main.add_command(prompts)
    main.add_command(probes)
