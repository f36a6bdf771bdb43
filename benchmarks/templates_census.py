"""How many templates of real collections can be used, and do they ask what their own programs would ask?

    python benchmarks/templates_census.py --lm-eval lm_eval/tasks --promptsource promptsource/templates [--json]

The two collections as their packages unpack: `pip download lm-eval==0.4.13 promptsource==0.2.3 --no-deps`. Every
template is read; those that can be used are rendered on made-up rows through the original code as well
(`lm_eval.api.task.ConfigurableTask`, `promptsource.templates.Template`, which have to be installed beside this
package), and prompts and answers are compared. `--no-original` counts only. A few minutes.
"""

import argparse
import importlib.util
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fute_core.tasks import PromptTemplate, Text
from fute_core.templates.cloze import is_cloze
from fute_core.templates.columns import flatten
from fute_core.templates.guarded import cut
from fute_core.templates.lm_eval import _with_includes
from fute_core.templates.loading import _included
from fute_core.templates.rendering import render
from fute_core.templates.syntax import variables
from fute_core.templates.trees import Tree, survey
from fute_core.templates.yaml_files import parse_yaml, read_text

TEXTS = (
    ("The bridge opened in spring.", "A bridge is open."),
    ("  Blanks at both ends \n", " so here "),
    ("Ünïcode — „quotes“, 雨 and a pipe ||| inside", "{{ 7 * 7 }}"),
    ("Two\nlines.", "100%"),
)
LONG = ("word " * 600, "short")
Asked = tuple[str, list[str]]
"""A prompt, and what is scored after it."""
KEPT = ("doc_to_text", "doc_to_choice", "description", "target_delimiter", "gen_prefix")


def row(source: str, template: PromptTemplate, text: Text) -> dict[str, Any]:
    """The text in a row, at the place where the original looks for it."""
    flat, paths = flatten(source)
    made: dict[str, Any] = {}
    for name in variables(flat):
        place = template.fields.get(name, name)
        value = text[place == "text_pair"] if isinstance(text, tuple) else text
        put(made, paths.get(name, (name,)), value)
    return made


def put(made: Any, path: tuple[str | int, ...], value: str) -> None:
    """Sets a value deep inside mappings and lists."""
    for part, below in itertools.pairwise(path):
        inner: Any = [] if isinstance(below, int) else {}
        if isinstance(made, list):
            made.extend([""] * (int(part) + 1 - len(made)))
            made[int(part)] = made[int(part)] or inner
            made = made[int(part)]
        else:
            made = made.setdefault(part, inner)
    if isinstance(made, list):
        made.extend([""] * (int(path[-1]) + 1 - len(made)))
        made[int(path[-1])] = value
    else:
        made[path[-1]] = value


def as_asked(template: PromptTemplate, text: Text) -> Asked:
    """(prompt, what is scored after it), as `predictors/prompt_tokens.py` reads a template without a chat."""
    if is_cloze(template):
        return "", [render(template, text, word) for words in template.choices for word in words]
    lead = template.source[len(template.source.rstrip()) :] or template.delimiter
    return render(template, text).rstrip(), [lead + word for words in template.choices for word in words]


class LmEval:
    """Tasks through the harness's own class, with one made-up row for each text."""

    def __init__(self, folder: Path):
        import datasets
        from lm_eval.api.task import ConfigurableTask

        self.folder, self.datasets, self.task = folder, datasets, ConfigurableTask

    def originals(self, path: Path, template: PromptTemplate, texts: Sequence[Text]) -> Iterator[Asked]:
        """(context, continuations) of each text, closing blanks of the context moved as `_encode_pair` moves them."""
        document, _ = _with_includes(parse_yaml(path, read_text(path)), path, self._include)
        config = {key: document[key] for key in KEPT if document.get(key) is not None}
        whole_texts = is_cloze(template)
        asked = config["doc_to_choice" if whole_texts else "doc_to_text"]
        parts = (config.get("description", ""), asked, config.get("gen_prefix", ""))
        whole = "".join("{{ " + part + " }}" if part.isidentifier() else part for part in parts)
        rows = self.datasets.Dataset.from_list([row(whole, template, text) for text in texts])
        task = self.task(config={
            **config, "task": "made_up", "output_type": "multiple_choice", "doc_to_target": 0, "test_split": "test",
            "custom_dataset": lambda **_: {"test": rows},
        })  # fmt: skip
        for doc in rows:
            context = task.fewshot_context(doc, 0, gen_prefix=task.doc_to_prefix(doc))
            scored = [request.arguments[1] for request in task.construct_requests(doc, context, metadata=(None, 0, 1))]
            bare = "" if whole_texts else context.rstrip()
            yield bare, [context[len(bare) :] + continuation for continuation in scored]

    def _include(self, name: str, by: Path) -> tuple[dict[str, Any], Path]:
        return _included(self.folder / "x" / "y", name, by, self.folder)


class Promptsource:
    """Templates through promptsource's own class."""

    def __init__(self, folder: Path):
        package = folder.parent / "templates.py"
        spec = importlib.util.spec_from_file_location("promptsource.templates", package)
        if spec is None or spec.loader is None:
            raise SystemExit(f"{package} is not there; unpack promptsource as it is.")
        module = importlib.util.module_from_spec(spec)
        sys.modules["promptsource.templates"] = module
        spec.loader.exec_module(module)
        self.template, self.entries, self.uncut = module.Template, {}, ""

    def originals(self, path: Path, template: PromptTemplate, texts: Sequence[Text]) -> Iterator[Asked]:
        """(prompt, answer choices) of each text."""
        if path not in self.entries:
            document = parse_yaml(path, read_text(path))
            self.entries[path] = {str(e.get("name") or i): e for i, e in document["templates"].items()}
        entry = self.entries[path][template.name]
        listed = entry.get("answer_choices")
        listed = " ||| ".join(listed) if isinstance(listed, list) else listed
        parts = cut(entry["jinja"])
        # The guard would need a label; what stands inside of it is what is compared.
        own = self.template(template.name, parts.prompt + " ||| x", "", answer_choices=listed)
        choices = own.get_fixed_answer_choices_list() if listed else [words[0] for words in template.choices]
        for text in texts:
            doc = row(parts.prompt, template, text)
            self.uncut = own.apply(doc, truncate=False)[0]
            yield own.apply(doc)[0], choices


def compare(original: LmEval | Promptsource, folder: Path, tree: Tree) -> tuple[Counter[str], dict[str, str]]:
    """How many renderings are equal, and where the first of each other kind is."""
    found: Counter[str] = Counter()
    first: dict[str, str] = {}
    for shown, template in tree.templates:
        pairs = TEXTS if isinstance(original, LmEval) else (*TEXTS, LONG)
        texts: list[Text] = [pair if template.pair else pair[0] for pair in pairs]
        theirs = original.originals(folder / shown, template, texts)
        result = ""
        for text in texts:
            try:
                asked = next(theirs)
            except StopIteration:  # it failed on a text before
                pass
            except Exception as error:  # whatever the original fails with is its answer
                result = f"the original fails ({type(error).__name__})"
            else:
                result = verdict(original, template, text, asked)
            found[result] += 1
            first.setdefault(result, f"{shown}: {template.name}")
    return found, first


def verdict(original: LmEval | Promptsource, template: PromptTemplate, text: Text, theirs: Asked) -> str:
    """What a comparison comes to. theirs : as `originals` gives it."""
    prompt, scored = as_asked(template, text)
    if isinstance(original, Promptsource):
        prompt, scored = prompt.strip(), [words[0] for words in template.choices]
    if (prompt, scored) == theirs:
        return "equal"
    if isinstance(original, Promptsource) and (prompt, scored) == (original.uncut, theirs[1]):
        return "equal but for the cut at 2,048 characters"
    if isinstance(original, Promptsource) and "|||" in prompt and prompt.startswith(theirs[0]):
        return "the original takes a ||| of a column inside a column for its own"
    return "another prompt" if prompt != theirs[0] else "other answers"


def counts(tree: Tree) -> dict[str, Any]:
    """Counts by reason."""
    keys = ("reason", "count", "example")
    reasons = [dict(zip(keys, one, strict=True)) for one in tree.reasons()]
    return {"files": tree.files, "templates": len(tree.rows), "usable": tree.usable, "reasons": reasons}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lm-eval", type=Path)
    parser.add_argument("--promptsource", type=Path)
    parser.add_argument("--no-original", action="store_true", help="Count only.")
    parser.add_argument("--json", action="store_true")
    choice = parser.parse_args()
    report: dict[str, Any] = {}
    for name, folder, through in (
        ("lm-eval", choice.lm_eval, LmEval),
        ("promptsource", choice.promptsource, Promptsource),
    ):
        if folder is None:
            continue
        tree = survey(folder)
        report[name] = counts(tree)
        if not choice.no_original:
            found, first = compare(through(folder), folder, tree)
            report[name] |= {"compared": sum(found.values()), "results": dict(found.most_common()), "first": first}
    if choice.json:
        shares = [
            one["results"].get("equal", 0) / max(one["compared"], 1) for one in report.values() if "results" in one
        ]
        print(json.dumps({"ratio": min(shares, default=None), **report}, ensure_ascii=False))
        return
    for name, one in report.items():
        print(f"\n{name}: {one['usable']:,} of {one['templates']:,} templates in {one['files']:,} files can be used")
        for why in one["reasons"]:
            print(f"{why['count']:6,}  {why['reason']}  ({why['example']})")
        if "results" in one:
            print(f"{one['compared']:,} renderings compared with the original")
            for result, count in one["results"].items():
                print(f"{count:6,}  {result}  ({one['first'][result]})")


if __name__ == "__main__":
    main()
