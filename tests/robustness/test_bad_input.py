"""The list of bad inputs, each through the command line: one sentence, exit code 2, and nothing lost."""

import json
import shutil

import pytest
from command_line import fute
from tiny_classifiers import tiny_classifier_folder
from tiny_language_models import saved
from tiny_models import tiny_model_folder

GOOD = "text,label\n" + "".join(f"some text {i},{'ab'[i % 2]}\n" for i in range(8))
ANSWERS = ("id,no,yes", *(f"s{i:04d},0.{i % 7 + 2},0.{8 - i % 7}" for i in range(1, 33)))


@pytest.fixture
def known(tmp_path):
    """A dataset that is in the store already, and has to be there still."""
    (tmp_path / "good.csv").write_text(GOOD)
    done = fute("embed", "dataset", tmp_path / "good.csv", "--method", "text", "--json")
    assert done.code == 0, done.err
    yield done.json
    again = fute("embed", "dataset", tmp_path / "good.csv", "--method", "text", "--json").json
    assert (again["key"], again["cached"]) == (done.json["key"], True)
    assert len(fute("list", "embeddings", "--json").json) == 1, "nothing of a failure is stored"


def refused(done, *says):
    assert done.code == 2
    assert done.out == ""
    assert done.err.count("\n") == 1, done.err
    assert "Traceback" not in done.err
    for part in says:
        assert part in done.err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", ("d.csv is empty",)),
        (b"text,label\n", ("d.csv has no rows", "below the header")),
        (b"text,label\na,x\nb,x\nc,x\n", ("one label only ('x')", "at least two")),
        (b"text,label\na,x\nb,x\nc,y\n", ("a single row with the label 'y'", "at least two rows")),
        (b"text,label\ncaf\xe9\x81,x\n", ("d.csv, line 2 is not UTF-8", "save the file as UTF-8")),
        (b"words,label\na,x\nb,y\n", ("a single row with the label 'x'", "at least two rows")),
        (b"text,kind\na,x\nb,y\n", ("2 columns that could be the text", "--text-column kind")),
        (b"text,text_pair,label\na,b,x\nc,,x\nd,,y\nf,,y\n", ("'text_pair' is empty in 3 of 4 rows", "of their own")),
        (b"text,label\na,\nb,-\nc,None\n", ("column 'label' has no label in any row",)),
        (
            b"befund,verlauf,label\na b c,d e f,x\nb d c,f e d,x\nc a b,e d f,y\nd a c,f d e,y\n",
            ("--text-column befund", "--text-column verlauf"),
        ),
        (b"text,label\na,x\nb,X\nc,x\nd,X\n", ("'x' (2 rows) and 'X' (2)", "--label-case merge")),
        (b"text,label\na,x,z\n", ("row 1 (line 2) has 3 cells where the header has 2",)),
    ],
)
def test_a_dataset_that_is_none(known, tmp_path, content, says):
    (tmp_path / "d.csv").write_bytes(content)
    refused(fute("embed", "dataset", tmp_path / "d.csv", "--method", "text"), *says)


def test_a_line_of_100_megabytes(known, tmp_path):
    with (tmp_path / "d.jsonl").open("wb") as file:
        file.write(b'{"text": "')
        file.seek(100_000_000)
        file.write(b'", "label": "x"}\n')
    refused(fute("embed", "dataset", tmp_path / "d.jsonl", "--method", "text"), "d.jsonl, line 1 is longer than 1 MB")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("s0001,nan,0.5", ("row 1 (line 2), column 'no'", "no finite number")),
        ("s0001,-0.2,1.2", ("row 1 (line 2), column 'no'", "-0.2 is negative")),
        ("s0001,0.9,0.9", ("row 1 (line 2)", "sum to 1.8 instead of 1")),
        ("s0001,high,0.5", ("row 1 (line 2), column 'no'", "'high' instead of a number")),
        ("s9999,0.5,0.5", ("s9999",)),
        ("s0002,0.5,0.5", ("s0002",)),
    ],
)
def test_answers_that_are_no_probabilities(known, tmp_path, line, says):
    rows = [ANSWERS[0], line, *ANSWERS[2:]]
    (tmp_path / "answers.csv").write_text("\n".join(rows) + "\n")
    refused(fute("embed", "outputs", tmp_path / "answers.csv", "--probes", 32, "--method", "text"), *says)


def test_answers_to_too_few_probe_texts(known, tmp_path):
    (tmp_path / "answers.csv").write_text("\n".join(ANSWERS[:9]) + "\n")
    refused(fute("embed", "outputs", tmp_path / "answers.csv", "--probes", 32, "--method", "text"), "8", "32")


@pytest.mark.parametrize(
    ("template", "choices", "says"),
    [
        ("Is it good?", "{no: [bad], yes: [good]}", ("never uses the text",)),
        ("{{ text }}?", "{no: [good], yes: [good]}", ("'good' stands twice",)),
        ("{{ text }}?", "{yes: [good]}", ("fewer than two answer choices",)),
        ("{{ text }}{% for i in [1] %}x{% endfor %}", "{no: [bad], yes: [good]}", ("a loop",)),
        ("{{ text.__class__ }}", "{no: [bad], yes: [good]}", ("attribute",)),
        ("{{ text }} {{ reveiw }}", "{no: [bad], yes: [good]}", ("text, reveiw", "--field")),
        ("{{ text", "{no: [bad], yes: [good]}", ("Jinja",)),
    ],
)
def test_a_template_that_cannot_be_used(known, tmp_path, template, choices, says):
    path = tmp_path / "p.yaml"
    path.write_text(f"choices: {choices}\nprompts:\n  - name: mine\n    template: {json.dumps(template)}\n", "utf-8")
    refused(fute("embed", "prompt", path, "--model", "smollm2", "--probes", 32), *says)


def embed_with(folder, role):
    """Run `fute embed` with a model folder in one of its roles; a prompt goes into a file beside the folder."""
    prompt = folder.parent / "p.yaml"
    prompt.write_text("choices: {n: [bad], y: [good]}\nprompts: [{name: p, template: '{{ text }}?'}]\n")
    return {
        "surrogate": lambda: fute("embed", "dataset", "sst2", "--limit", 8, "--surrogate", folder, "--method", "text"),
        "classifier": lambda: fute("embed", "model", folder, "--probes", 32),
        "language model": lambda: fute("embed", "prompt", prompt, "--model", folder, "--probes", 32),
    }[role]()


@pytest.mark.parametrize(
    ("remove", "says"),
    [
        (("*.safetensors",), ("has a config.json but no weights",)),
        (("config.json",), ("has no config.json",)),
        (("tokenizer*",), ("has no tokenizer",)),
    ],
)
@pytest.mark.parametrize("role", ["surrogate", "classifier", "language model"])
def test_a_model_folder_that_lacks_something(known, tmp_path, remove, says, role):
    folder = tiny_model_folder("bert", tmp_path / "model")
    for pattern in remove:
        for file in folder.glob(pattern):
            file.unlink()
    done = embed_with(folder, role)
    refused(done, *says)


@pytest.mark.parametrize("role", ["surrogate", "classifier", "language model"])
def test_weights_in_a_pickle_are_not_read(known, tmp_path, role):
    folder = tiny_model_folder("bert", tmp_path / "model")
    shutil.move(folder / "model.safetensors", folder / "pytorch_model.bin")
    done = embed_with(folder, role)
    refused(done, "a pickle that could run code", "safetensors")


def _half(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("damage", "file", "says"),
    [
        (_half, "model.safetensors", ("cannot be loaded (", "as save_pretrained writes them")),
        (_half, "tokenizer.json", ("cannot be loaded (", "as save_pretrained writes them")),
        (lambda file: file.write_text("{"), "config.json", ("config.json cannot be read (", "save the model again")),
    ],
    ids=["weights", "tokenizer", "config"],
)
@pytest.mark.parametrize("role", ["surrogate", "classifier", "language model"])
def test_a_damaged_model_folder(known, tmp_path, damage, file, says, role):
    made = {"surrogate": tiny_model_folder, "classifier": tiny_classifier_folder, "language model": saved}[role]
    folder = made(tmp_path / "model") if role == "language model" else made("bert", tmp_path / "model")
    damage(folder / file)
    refused(embed_with(folder, role), *says)


def test_a_full_disk_loses_nothing_and_is_one_sentence(known, tmp_path, monkeypatch):
    import diskcache

    def full(self, *_arguments, **_how):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(diskcache.Cache, "set", full)
        refused(fute("embed", "dataset", "sst2", "--limit", 8, "--method", "text"), "is full", "kept")


def test_long_texts_are_cut_and_counted(tmp_path):
    rows = [f"{'long ' * 400 if i < 3 else 'short'} text {i},{'ab'[i % 2]}" for i in range(8)]
    (tmp_path / "long.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    done = fute("embed", "dataset", tmp_path / "long.csv", "--method", "text", "--json")
    assert done.json["n_truncated"] == 3
    assert "3 texts were longer" in fute("embed", "dataset", tmp_path / "long.csv", "--method", "text").err
