"""Small files in the form of SQuAD."""

import json

PASSAGE = "Ada lives in Rome. Her dog is called Rex. Dr. Bo from Oslo came by train! Nobody saw him."


ASKED = (("Where does Ada live?", "Rome"), ("What is her dog called?", "Rex"), ("Where is Bo from?", "Oslo"))


def question(asked, answer, passage=PASSAGE, shift=0, **more):
    return {
        "question": asked,
        "answers": [{"text": answer, "answer_start": passage.index(answer) + shift}] if answer else [],
        **more,
    }


def squad(*questions, passage=PASSAGE, **more):
    return {"version": "1.1", "data": [{"title": "a", "paragraphs": [{"context": passage, "qas": questions}]}], **more}


def put(folder, content, name="squad.json"):
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def said(dataset):
    return [(*text, dataset.labels[row.argmax()]) for text, row in zip(dataset.texts, dataset.targets, strict=True)]


def flat_rows():
    rows = [{**question(*one), "context": PASSAGE, "id": str(i), "title": "a"} for i, one in enumerate(ASKED)]
    lists = {"text": ["Rex", "Rex"], "answer_start": [PASSAGE.index("Rex")] * 2}
    rows[1] = {**rows[1], "answers": lists}
    return rows
