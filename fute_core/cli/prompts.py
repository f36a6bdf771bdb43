"""`fute prompts check` and `fute probes export`: what goes in before anything is computed."""

from pathlib import Path

import click

from fute_core.cli.embed import _pairs
from fute_core.cli.output import emit_json, emit_table, note


@click.group()
def prompts() -> None:
    """Prompt templates."""


@prompts.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--field", "fields", multiple=True, metavar="NAME=text", help="Template variable to text or text_pair.")
@click.option("--choices", help='Answer choices of a plain template: "negative=bad|awful,positive=good".')
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(file: Path, fields: tuple[str, ...], choices: str | None, as_json: bool) -> None:
    """Every template of FILE with its fields, choices and a rendered example, or why it can't be used.

    Reads own YAML, promptsource YAML, lm-evaluation-harness task YAML and plain Jinja files.
    """
    from fute_core.datasets.probes import load_probes
    from fute_core.templates.checking import check as check_file

    examples = {False: load_probes(False, 1).texts[0], True: load_probes(True, 1).texts[0]}
    rows = check_file(file, fields=_pairs(fields, "--field"), choices=choices, examples=examples)
    if as_json:
        emit_json(rows)
    else:
        cells = [
            (r["name"], "yes" if r["usable"] else "no", r["format"], ", ".join(r["labels"] or ()),
             r["problem"] or r["example"])
            for r in rows
        ]  # fmt: skip
        emit_table(f"{file.name}: {len(rows)} templates", ("template", "usable", "format", "labels", "example"), cells)
        for r in rows:
            for remark in r["notes"]:
                note(f"{r['name']}: {remark}")
    if not any(r["usable"] for r in rows):
        raise SystemExit(2)


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
