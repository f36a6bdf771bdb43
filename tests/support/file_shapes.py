"""Files as people have them: small ones of many shapes, each with the columns and rows that are right, or a question.

A shape is (file name, content, expected): expected is a `Read`, or the parts of a sentence that refuses or asks.
"""

import json
from dataclasses import dataclass, field

TEXTS = (
    "the bridge opened in spring", "rain fell on the harbour all night", "my neighbour sold his old bicycle",
    "we waited an hour for the soup", "the clerk lost our papers twice", "a fox crossed the garden at noon",
    "the choir sang without a piano", "nobody answered the door today", "the train was late once more",
    "bread from this bakery is a joy", "the lamp in the hall is broken", "she painted the fence dark green",
)  # fmt: skip
OTHERS = tuple(f"it is said that {text}" for text in TEXTS)
BODIES = tuple(f"{text}, and so it went on for a while until somebody wrote it down at length" for text in TEXTS)
TITLES = ("mayor", "harbour", "bicycle", "soup", "papers", "fox", "choir", "door", "train", "bread", "lamp", "fence")
HEADLINES = tuple(f"News on the {word} today" for word in TITLES)
AB = tuple("ab" * 6)
WORDS = ("good", "bad") * 6
IDS = tuple(f"r-{1000 + 7 * i}" for i in range(12))
DATES = tuple(f"2024-03-{i + 1:02d}" for i in range(12))
STARS = (1, 2, 3, 4, 5, 3) * 2
HALVES = tuple(round(0.17 * i + 0.3, 2) for i in range(12))


@dataclass(frozen=True)
class Read:
    """What is right: columns, labels (none for scores), rows that are read, rows left out, words of the notes."""

    text: str
    label: str
    pair: str | None = None
    labels: tuple[str, ...] = ("bad", "good")
    rows: int = 12
    dropped: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    first: str | tuple[str, str] | None = None


def jsonl(**columns) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records(columns)).encode()


def records(columns) -> list[dict]:
    return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]


def table(delimiter: str = ",", header: bool = True, encoding: str = "utf-8", **columns) -> bytes:
    def cell(value) -> str:
        value = str(value)
        return '"' + value.replace('"', '""') + '"' if any(c in value for c in (delimiter, '"', "\n")) else value

    lines = [tuple(columns)] * header + list(zip(*columns.values(), strict=True))
    return "".join(delimiter.join(map(cell, line)) + "\n" for line in lines).encode(encoding)


def change(values, **at):
    changed = list(values)
    for place, value in at.items():
        changed[int(place[1:])] = value
    return tuple(changed)


AA = {"labels": ("a", "b")}
ORDER_1 = {"text": TEXTS, "label": WORDS}
SNLI = {
    "gold_label": ("entailment", "neutral", "contradiction") * 4, "sentence1_parse": OTHERS, "sentence2_parse": BODIES,
    "sentence1": TEXTS, "sentence2": OTHERS, "captionID": IDS, "label1": ("entailment", "neutral", "neutral") * 4,
}  # fmt: skip
AIRLINE = {
    "tweet_id": tuple(570306133677760513 + 11 * i for i in range(12)),
    "airline_sentiment": ("negative", "neutral", "positive") * 4, "airline_sentiment_confidence": HALVES,
    "negativereason": ("Late Flight", "", "") * 4, "airline": ("Delta", "United") * 6, "retweet_count": (0, 0, 1) * 4,
    "text": TEXTS, "tweet_created": DATES, "tweet_location": ("New York", "", "London", "") * 3,
}  # fmt: skip

WHICH = {
    "claim beside title": ("c.jsonl", jsonl(claim=TEXTS, title=TITLES, label=WORDS), Read("claim", "label")),
    "title first": ("c.jsonl", jsonl(title=TITLES, claim=TEXTS, label=WORDS), Read("claim", "label")),
    "title and body": ("c.csv", table(title=TITLES, body=BODIES, label=WORDS), Read("body", "label")),
    "long titles and body": ("c.csv", table(title=HEADLINES, body=BODIES, label=WORDS),
                             Read("body", "label", notes=("'title' holds text as well",))),
    "stars of reviews": ("c.jsonl", jsonl(title=TITLES, body=BODIES, stars=STARS),
                         ("'stars' holds whole numbers from 1 to 5", "--classification or --regression")),
    "text, score, sentiment": ("c.csv", table(text=TEXTS, score=HALVES, sentiment=WORDS), Read("text", "sentiment")),
    "sentiment, score, text": ("c.csv", table(sentiment=WORDS, score=HALVES, text=TEXTS), Read("text", "sentiment")),
    "query and document": ("c.csv", table(query=TEXTS, document=BODIES, label=AB),
                           Read("query", "label", "document", **AA)),
    "context and question": ("c.csv", table(question=TEXTS, context=BODIES, label=AB),
                             Read("context", "label", "question", **AA)),
    "question and answer": ("c.csv", table(question=TEXTS, answer=BODIES, label=AB),
                            Read("question", "label", "answer", **AA)),
    "yes and no as answers": ("c.csv", table(question=TEXTS, answer=("yes", "no") * 6),
                              Read("question", "answer", labels=("no", "yes"))),
    "boolq": ("c.jsonl", jsonl(question=TEXTS, title=HEADLINES, answer=(True, False) * 6, passage=BODIES),
              Read("question", "answer", "passage", labels=("False", "True"))),
    "content and id": ("c.csv", table(id=IDS, content=TEXTS, label=AB), Read("content", "label", **AA)),
    "content that is an id": ("c.csv", table(content=IDS, words=TEXTS, label=AB), Read("words", "label", **AA)),
    "evidence and claim": ("c.csv", table(claim=TEXTS, evidence=BODIES, label=AB),
                           Read("evidence", "label", "claim", **AA)),
    "question pairs": ("c.csv", table(id=IDS, qid1=IDS, qid2=IDS, question1=TEXTS, question2=OTHERS,
                                      is_duplicate=(0, 1) * 6),
                       Read("question1", "is_duplicate", "question2", labels=("0", "1"))),
    "numbered strings": ("c.tsv", table("\t", **{"Quality": (1, 0) * 6, "#1 ID": IDS, "#2 ID": IDS,
                                                 "#1 String": TEXTS, "#2 String": OTHERS}),
                         Read("#1 String", "Quality", "#2 String", labels=("0", "1"))),
    "text_a and text_b": ("c.csv", table(text_a=TEXTS, text_b=OTHERS, y=AB), Read("text_a", "y", "text_b", **AA)),
    "snli": ("c.jsonl", jsonl(**SNLI),
             Read("sentence1", "gold_label", "sentence2", labels=("contradiction", "entailment", "neutral"))),
    "repeated premises": ("c.csv", table(premise=("a cat sat",) * 6 + ("a dog ran",) * 6, hypothesis=TEXTS, label=AB),
                          Read("premise", "label", "hypothesis", **AA)),
    "a pair with scores": ("c.csv", table(genre=("news", "forum") * 6, year=(2012, 2013) * 6, score=HALVES,
                                          sentence1=TEXTS, sentence2=OTHERS),
                           Read("sentence1", "score", "sentence2", labels=())),
    "a longer summary": ("c.csv", table(summary=OTHERS, remark=TEXTS, label=AB),
                         ("--text-column remark or --text-column summary",)),
    "two unknown texts": ("c.csv", table(befund=TEXTS, anamnese=OTHERS, label=AB),
                          ("2 columns that could be the text: 'anamnese' (", "--text-column befund",
                           "--text-column anamnese --text-pair-column befund for pairs")),
    "a comment beside a review": ("c.csv", table(review=TEXTS, comment=OTHERS, label=AB),
                                  ("--text-column review or --text-column comment",)),
    "a blank in a name": ("c.csv", table(**{"review body": TEXTS, "reply body": OTHERS, "label": AB}),
                          ("--text-column 'review body'",)),
    "text beside clean_text": ("c.csv", table(text=TEXTS, clean_text=OTHERS, label=AB), Read("text", "label", **AA)),
    "camel case": ("c.csv", table(reviewerID=IDS, reviewText=TEXTS, summary=TITLES, overallLabel=AB),
                   Read("reviewText", "overallLabel", **AA)),
    "dates beside": ("c.csv", table(date=DATES, text=TEXTS, label=AB), Read("text", "label", **AA)),
    "airline tweets": ("c.csv", table(**AIRLINE),
                       Read("text", "airline_sentiment", labels=("negative", "neutral", "positive"))),
    "queue": ("c.csv", table(text=TEXTS, queue=WORDS), Read("text", "queue")),
    "Bewertung": ("c.csv", table(Kommentar=TEXTS, Bewertung=WORDS), Read("Kommentar", "Bewertung")),
    "Liked": ("c.tsv", table("\t", Review=TEXTS, Liked=(1, 0) * 6), Read("Review", "Liked", labels=("0", "1"))),
    "v1 and v2": ("c.csv", table(v1=WORDS, v2=TEXTS), Read("v2", "v1")),
    "two labels": ("c.csv", table(text=TEXTS, queue=WORDS, priority=("high", "high", "low") * 4),
                   ("2 columns that could be the label: 'queue' (good, bad; 2 values) and 'priority' (high, low",
                    "--label-column queue or --label-column priority")),
    "a scale beside classes": ("c.csv", table(text=TEXTS, score=HALVES, kind=WORDS),
                               ("--label-column score or --label-column kind",)),
    "label and its words": ("c.jsonl", jsonl(text=TEXTS, label=(1, 0) * 6, label_text=WORDS),
                            Read("text", "label_text")),
    "label beside topic": ("c.csv", table(text=TEXTS, topic=("x", "x", "y") * 4, label=WORDS),
                           Read("text", "label", notes=("'topic' could be a label as well",))),
    "language beside": ("c.csv", table(text=TEXTS, language=("en", "de", "de") * 4, spam=WORDS), Read("text", "spam")),
    "one text column and scores": ("c.csv", table(text=TEXTS, valence=HALVES), Read("text", "valence", labels=())),
    "nested texts": ("c.jsonl", jsonl(text=[{"en": text} for text in TEXTS], label=AB),
                     ("'text' holds lists or objects",)),
    "a tag for each word": ("c.jsonl", jsonl(tokens=[text.split() for text in TEXTS], split=("train",) * 12,
                                             tags=[["O"] * len(text.split()) for text in TEXTS]),
                            ("has a tag for each word ('tokens', 'tags'), and tagged tokens are not read, since",)),
    "a word and its tag a line": ("c.tsv", table("\t", False, a=TEXTS, b=("O", "B-city", "I-city") * 4),
                                  ("column 'column 2' has tags of words ('B-city', 'I-city'), and tagged tokens are",)),
    "lists beside texts": ("c.jsonl", jsonl(tokens=[[1, 2]] * 12, text=TEXTS, words=[["a", "b"]] * 12, label=AB),
                           Read("text", "label", **AA)),
    "no label at all": ("c.csv", table(id=IDS, text=TEXTS), ("has no label column called label",)),
}  # fmt: skip

HOW = {
    "no header": ("inbox.tsv", table("\t", header=False, a=("ham", "spam") * 6, b=TEXTS),
                  Read("column 2", "column 1", labels=("ham", "spam"), first=TEXTS[0],
                       notes=("has no line of column names",))),
    "no header, text first": ("c.csv", table(header=False, a=BODIES, b=(1, 0) * 6),
                              Read("column 1", "column 2", labels=("0", "1"), notes=("no line of column names",))),
    "no header, three": ("c.csv", table(header=False, i=IDS, a=WORDS, b=TEXTS),
                         Read("column 3", "column 2", notes=("'column 1', 'column 2', 'column 3'",))),
    "a header of numbers": ("c.csv", table(**{"0": TEXTS, "1": AB}), Read("0", "1", **AA)),
    "a question as a header": ("c.csv", table(**{"Timestamp": DATES, "What did you think of the tour on Monday?": TEXTS,
                                                 "Would you come again?": WORDS}),
                               Read("What did you think of the tour on Monday?", "Would you come again?")),
    "files put together": ("c.csv", table(**ORDER_1) + table(**ORDER_1),
                           Read("text", "label", rows=24, notes=("repeats its line of column names 1 times",))),
    "semicolons, a comma in the header": ("c.csv", table(";", **{"comment, as typed": TEXTS, "label": AB}),
                                          Read("comment, as typed", "label", **AA)),
    "quoted semicolon header": ("c.csv", b'"comment, as typed";label\n' + table(";", False, a=TEXTS, b=AB),
                                Read("comment, as typed", "label", **AA)),
    "semicolons, commas in texts": ("c.csv", table(";", text=BODIES, label=AB), Read("text", "label", **AA)),
    "bars": ("c.csv", table("|", text=BODIES, label=AB), Read("text", "label", **AA)),
    "tabs in a csv": ("c.csv", table("\t", text=BODIES, label=AB), Read("text", "label", **AA)),
    "commas in a tsv": ("c.tsv", table(",", text=TEXTS, label=AB), Read("text", "label", **AA)),
    "a txt of tabs": ("c.txt", table("\t", False, a=WORDS, b=BODIES), Read("column 2", "column 1")),
    "sep=;": ("c.csv", b"sep=;\r\n" + table(";", text=BODIES, label=AB), Read("text", "label", **AA)),
    "quotes over lines": ("c.tsv", table("\t", a=("x",) * 12, text=TEXTS, label=WORDS)
                          .replace(b"the bridge", b'"the bridge').replace(b"dark green", b'dark green"'),
                          Read("text", "label", first=f'"{TEXTS[0]}')),
    "cp1252": ("c.csv", table(encoding="cp1252", text=change(TEXTS, _0="das Café schließt früh am Abend"), label=WORDS),
               Read("text", "label", notes=("read as Windows-1252",), first="das Café schließt früh am Abend")),
    "utf-16": ("c.csv", table(encoding="utf-16", text=TEXTS, label=WORDS),
               Read("text", "label", notes=("read as UTF-16",))),
    "utf-16 without mark": ("c.tsv", table("\t", encoding="utf-16-le", text=TEXTS, label=WORDS),
                            Read("text", "label", notes=("though it has no mark",))),
    "utf-8 with mark": ("c.csv", table(encoding="utf-8-sig", text=TEXTS, label=WORDS), Read("text", "label")),
    "cyrillic code page": ("c.csv", table(encoding="cp1251", text=tuple(f"мост открыли весной {i}" for i in range(12)),
                                          label=AB),
                           ("is not UTF-8",)),
    "damaged utf-8": ("c.csv", table(text=("Café über Straße",) * 12, label=AB).replace("Café".encode(), b"Caf\xe9", 1),
                      ("line 2 is not UTF-8",)),
    "json array": ("c.json", json.dumps(records(ORDER_1)).encode(), Read("text", "label", notes=("one JSON array",))),
    "json array, indented": ("c.json", json.dumps(records(ORDER_1), indent=2).encode(), Read("text", "label")),
    "json array in jsonl": ("c.jsonl", json.dumps(records(ORDER_1), indent=1).encode(), Read("text", "label")),
    "json of lists": ("c.json", json.dumps({k: list(v) for k, v in ORDER_1.items()}).encode(), Read("text", "label")),
    "json of pandas": ("c.json", json.dumps({k: dict(enumerate(v)) for k, v in ORDER_1.items()}).encode(),
                       Read("text", "label")),
    "json by index": ("c.json", json.dumps({str(i): row for i, row in enumerate(records(ORDER_1))}, indent=1).encode(),
                      Read("text", "label")),
    "json with rows inside": ("c.json", json.dumps({"version": 1, "data": records(ORDER_1)}, indent=1).encode(),
                              ("whose rows stand under 'data'", "jq '.[\"data\"]' c.json")),
    "json cut off": ("c.json", json.dumps(records(ORDER_1))[:-20].encode(), ("is not valid JSON",)),
}  # fmt: skip

LEFT_OUT = {
    "-1 beside 0 and 1": ("c.csv", table(text=TEXTS, label=(0, 1, -1) * 4),
                          Read("text", "label", labels=("0", "1"), rows=8, dropped={"no label": 4},
                               notes=("4 rows without a label are left out, the first being row 3 (line 4)",))),
    "a dash": ("c.csv", table(text=TEXTS, label=change(WORDS, _3="-")),
               Read("text", "label", rows=11, dropped={"no label": 1})),
    "None": ("c.csv", table(text=TEXTS, label=change(WORDS, _3="None", _5="")),
             Read("text", "label", rows=10, dropped={"no label": 2})),
    "null": ("c.jsonl", jsonl(text=TEXTS, label=change(WORDS, _0=None)),
             Read("text", "label", rows=11, dropped={"no label": 1})),
    "none as a class": ("c.csv", table(text=TEXTS, stance=("favor", "none") * 6),
                        Read("text", "stance", labels=("favor", "none"))),
    "one empty text": ("c.csv", table(text=change(TEXTS, _2=""), label=WORDS),
                       Read("text", "label", rows=11, dropped={"no text": 1})),
    "one empty second text": ("c.csv", table(text=TEXTS, text_pair=change(OTHERS, _4=" "), label=WORDS),
                              Read("text", "label", "text_pair", rows=11, dropped={"no second text": 1})),
    "mostly empty second texts": ("c.csv", table(text=TEXTS, text_pair=("so it is",) * 4 + ("",) * 8, label=WORDS),
                                  ("'text_pair' is empty in 8 of 12 rows", "files of their own")),
    "a rare class": ("c.csv", table(text=TEXTS, label=change(WORDS, _7="so-so")),
                     Read("text", "label", rows=11, dropped={"a single row of its label": 1}, notes=("'so-so'",))),
    "two cases": ("c.csv", table(text=TEXTS, label=("Positive", "positive", "bad") * 4),
                  ("'Positive' (4 rows) and 'positive' (4)", "--label-case merge", "--label-case keep")),
    "one label": ("c.csv", table(text=TEXTS, label=("x",) * 12), ("has one label only ('x')",)),
}  # fmt: skip

SHAPES = WHICH | HOW | LEFT_OUT
