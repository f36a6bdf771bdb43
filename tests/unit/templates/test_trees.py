"""A folder of template files, counted."""

import pytest

from fute_core.errors import BadInput
from fute_core.templates.loading import load_templates
from fute_core.templates.trees import reason, survey

TASK = "task: {name}\ndoc_to_text: '{text}'\noutput_type: multiple_choice\ndoc_to_choice: [no, yes]\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "base").write_text("doc_to_choice: [no, yes]\noutput_type: multiple_choice\n", "utf-8")
    (tmp_path / "a" / "b" / "c" / "deep.yaml").write_text("include: ../../../base\ndoc_to_text: text\n", "utf-8")
    (tmp_path / "a" / "one.yaml").write_text(TASK.format(name="one", text="{{ q }} {{ r }}"), "utf-8")
    (tmp_path / "a" / "two.yaml").write_text(TASK.format(name="two", text="{{ s }} {{ t }}"), "utf-8")
    (tmp_path / "config.yml").write_text("colour: red\n", "utf-8")
    (tmp_path / "broken.yaml").write_text("prompts: [", "utf-8")
    (tmp_path / ".hidden.yaml").write_text("prompts: [", "utf-8")
    return tmp_path


def test_every_file_is_read_and_reasons_are_counted(folder):
    tree = survey(folder)
    assert (tree.files, tree.others, len(tree.rows), tree.usable) == (4, 1, 4, 1)
    assert tree.reasons() == [
        ("it is not plain which column is the text", 2, "a/one.yaml: one"),
        ("the file is not YAML", 1, "broken.yaml: the whole file"),
    ]
    (used,) = (row for row in tree.rows if row["problem"] is None)
    assert (used["file"], used["format"]) == ("a/b/c/deep.yaml", "lm-eval")


def test_a_task_alone_includes_nothing_from_so_far_above_it(folder):
    (item,) = load_templates(folder / "a" / "b" / "c" / "deep.yaml")
    assert "lies outside the task's folder" in item.problem


def test_a_folder_without_templates_is_one_sentence(tmp_path):
    (tmp_path / "x.yaml").write_text("colour: red\n", "utf-8")
    with pytest.raises(BadInput, match="holds no template file"):
        survey(tmp_path)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("it is not plain which of a, b is the text; say", "it is not plain which of c is the text; say so"),
        ("the template uses the filter 'x'; allowed are a", "the template uses the filter 'y'; allowed are a"),
        ("doc_to_text is a Python function (a.b), which is", "doc_to_text is a Python function (c), which is"),
        ("the template has a loop in line 3, which is not allowed; x", "the template has a loop in line 4, which is not"
         " allowed; y"),
        ("the prompt joins a, a list in each row, and x.", "the prompt joins b, a list in each row, and x."),
        ("a.yaml, line 3 is not YAML (x).", "b.yaml is not YAML (y)."),
    ],
)  # fmt: skip
def test_what_a_sentence_says_of_one_template_alone_is_no_part_of_its_reason(one, other):
    assert reason(one) == reason(other)
    assert "in line" not in reason(one)
