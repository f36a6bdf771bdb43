"""Files of prompts as promptsource and lm-evaluation-harness publish them."""

from pathlib import Path

PROMPTSOURCE = """
dataset: weather_reports
subset: null
templates:
  11111111-aaaa: !Template
    answer_choices: calm ||| stormy
    id: 11111111-aaaa
    jinja: "  {{report}}\\n\\nIs the weather {{\\"calm\\"}} or stormy? |||\\n {{ answer_choices[label] }}"
    metadata: !TemplateMetadata
      choices_in_prompt: true
      languages:
      - en
      metrics:
      - Accuracy
      original_task: true
    name: calm or stormy
    reference: ''
  22222222-bbbb: !Template
    answer_choices: No ||| Yes
    jinja: 'Does "{{premise}}" mean "{{hypothesis}}"? ||| {% if label %}{{answer_choices[1]}}{% else %}No{% endif %}'
    metadata: !TemplateMetadata {}
    name: does it mean
"""


TASK = """
tag: weather
task: rain_or_not
dataset_path: someone/weather
output_type: multiple_choice
training_split: train
description: "Read the report.\\n\\n"
doc_to_text: "Report: {{report}}\\nQuestion: Will it rain?\\nAnswer:"
doc_to_target: label
doc_to_choice: ["no", "yes"]
metric_list:
  - metric: acc
    aggregation: mean
    higher_is_better: true
metadata:
  version: 1.0
"""


def saved(tmp_path: Path, content: str, name: str = "templates.yaml") -> Path:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, "utf-8")
    return path
