"""Each study of the About page as one question: what it found, in a sentence of its own numbers, and what shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.reads import result_words, results
from dashboard.session.filtering import KIND_NAMES
from dashboard.session.text import joined, number

Estimate = Mapping[str, Any]
KINDS = ("dataset", "model", "prompt")
ALL_TEXTS = 512
FEW_FIGURES, FEW_RIVALS = 2, 4


@dataclass(frozen=True)
class Line:
    """A value with its interval, where known. own : this product's; others are what it is held against."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    own: bool = False


@dataclass(frozen=True)
class Figure:
    """Values on one scale, which begins at `start`. tick : what they are held against; `tick_is` says what that is."""

    title: str
    lines: tuple[Line, ...]
    tick: float | None = None
    tick_is: str = "chance"
    note: str = ""
    digits: int = 2
    start: float = 0.0


@dataclass(frozen=True)
class Story:
    """answer : empty for a study that this page does not know, of which the first measures are shown."""

    question: str
    answer: str
    figures: tuple[Figure, ...]


def story(name: str, known: Mapping[str, Any]) -> Story:
    """A study's question, its answer and at most two figures."""
    question = result_words.QUESTIONS.get(name) or str(known.get("title") or name)
    try:
        answer, figures = TELLERS[name](name, known)
    except (KeyError, TypeError):  # none of ours, or a file of an older version, which lacks a measure
        answer, figures = "", [figure(m) for m in results.measures(name, known)[:FEW_FIGURES]]
    return Story(question, answer, tuple(figures))


def others(name: str, known: Mapping[str, Any], told: Story) -> list[Figure]:
    """All other measures of it that are drawn; none where a table says them better."""
    without_words = name in TELLERS and name not in result_words.WORDS
    if without_words or results.side_by_side(name, known):
        return []
    there = {f.title for f in told.figures}
    return [f for f in map(figure, results.measures(name, known)) if f.title not in there]


def figure(measure: results.Measured) -> Figure:
    """A measure beside its baselines."""
    own = measure.own
    lines = [_line("this space", own, own=True), *(_line(n, b) for n, b in measure.baselines.items())]
    note = f"{own['n']:,} {'case' if own['n'] == 1 else 'cases'}." if own.get("n") else ""
    return Figure(measure.title, tuple(lines), own.get("chance"), note=note)


def _line(name: str, of: Estimate, *, own: bool = False) -> Line:
    return Line(name, of["value"], of.get("low"), of.get("high"), own)


def _picked(name: str, known: Mapping[str, Any], *titles: str) -> list[Figure]:
    found = {m.title: m for m in results.measures(name, known)}
    return [figure(found[title]) for title in titles]


def _count(of: Estimate) -> int:
    return round(of["value"] * of["n"])


def _retrieval(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    own, words = known["skilled_own_top1"], result_words.WORDS[name]
    who = "fine-tuned language models" if name == "fine-tuned" else KIND_NAMES["model"].lower()
    answer = (
        f"{_count(own)} of {own['n']} skilled {who} lie nearest to the dataset that they were trained on; by chance "
        f"it would be {own['chance'] * own['n']:.0f}."
    )
    beside = "dte_family_mrr" if "dte_family_mrr" in known else "architecture_share"
    return answer, _picked(name, known, words["skilled_own_top1"], words[beside])


def _surrogates(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    of = {result_words.part_of(part): known[part] for part in result_words.ENCODERS if part in known}
    agree = {who: values["mantel_datasets"] for who, values in of.items() if "mantel_datasets" in values}
    least = min(values["value"] for values in agree.values())
    answer = (
        f"Similarities of datasets on the other encoders agree with those on the default one at {number(least)} or "
        "more (Spearman; 1 is the same order)."
    )
    words = result_words.WORDS[name]
    found = {who: values["skilled_own_top1"] for who, values in of.items()}
    tick = next(iter(found.values())).get("chance")
    return answer, [
        Figure(words["skilled_own_top1"], tuple(_line(who, v, own=True) for who, v in found.items()), tick),
        Figure(words["mantel_datasets"], tuple(_line(who, v, own=True) for who, v in agree.items())),
    ]


def _prompts(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    order, lost = known["spearman"], known["regret_points"]
    answer = (
        f"Their order agrees with the true one at {number(order['value'])} (Spearman; by chance 0), over {order['n']} "
        f"rankings. The first choice is {number(lost['value'], 1)} points of accuracy below the best prompt; one taken "
        f"at random is {number(lost['chance'], 1)} points below."
    )
    (ranked,) = _picked(name, known, result_words.WORDS[name]["spearman"])
    own, *rivals = ranked.lines
    best = sorted(rivals, key=lambda line: -line.value)[:FEW_RIVALS]
    said = f"{ranked.note} The best {len(best)} of {len(rivals)} other rankings." if rivals else ranked.note
    return answer, [replace(ranked, lines=(own, *best), note=said)]


def _transfer(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    few = known["rows_64"]
    order, best, mean = few["spearman"], few["gain_of_best_source"], few["gain_of_mean_source"]
    ends = f"the 95 % interval is {number(order['low'])} to {number(order['high'])}"
    sure = "surely better than chance" if order["low"] > 0 else "not surely better than chance"
    answer = (
        f"Training first on the best dataset brings {number(best['value'], 1)} points of accuracy, on any "
        f"{number(mean['value'], 1)}. The order that the space gives agrees with the true one at "
        f"{number(order['value'])} (Spearman), {sure}: {ends}."
    )
    words = result_words.WORDS[name]["spearman"]
    return answer, _picked(name, known, f"{words}, {result_words.part_of('rows_64')}")


def _stability(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    own, pairs = known["halves_mutual_nearest"], known["pairs_halves_mutual_nearest"]
    answer = (
        f"Of {own['n']} datasets cut into two halves, {_count(own)} have halves that are each other's nearest; of "
        f"{pairs['n']} datasets of text pairs, {_count(pairs)}."
    )
    near = {
        "its other half": known["halves_similarity"],
        "itself with shuffled labels": known["shuffled_similarity"],
        "halves of other families": known["halves_other_families"],
    }
    lines = tuple(_line(who, v, own=not n) for n, (who, v) in enumerate(near.items()))
    return answer, [
        *_picked(name, known, result_words.WORDS[name]["halves_mutual_nearest"]),
        Figure("Similarity of half a dataset to", lines),
    ]


def _claims(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    of = {KIND_NAMES[kind]: known[f"{kind}_{ALL_TEXTS}"] for kind in KINDS}
    wrong = joined(f"{_count(v['false'])} of {v['false']['n']} {who.lower()}" for who, v in of.items())
    right = joined(f"{_count(v['right'])} of {v['right']['n']} for {who.lower()}" for who, v in of.items())
    answer = (
        f"Asked all {ALL_TEXTS} probe texts, {wrong} are told kin where nothing here does their job; the aim is a "
        f"share of 0.05 at most. Of claims made where there is kin, {right} are right."
    )
    return answer, [
        Figure("Told kin, where there is none; less is better",
               tuple(_line(who, v["false"], own=True) for who, v in of.items()), 0.05, "what is aimed at"),
        Figure("Claims that are right, where there is kin",
               tuple(_line(who, v["right"], own=True) for who, v in of.items())),
    ]  # fmt: skip


def _cover(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    of = {k: known[f"k_{k}"] for k in (2, 3, 5, 8)}
    own = of[5]["chosen_spearman"]
    answer = (
        f"Five datasets that stand for the rest rank {own['n']} models as all do at {number(own['value'])} (Spearman), "
        f"five at random at {number(own['chance'])} on average."
    )
    lines = [_line(f"{k} chosen", v["chosen_spearman"], own=True) for k, v in of.items()]
    means = [Line(f"{k} at random, on average", v["chosen_spearman"]["chance"]) for k, v in of.items()]
    beats = tuple(_line(f"{k} chosen", v["better_than_random"], own=True) for k, v in of.items())
    return answer, [
        Figure("Models ranked on a few datasets as on all (Spearman)",
               tuple(line for pair in zip(lines, means, strict=True) for line in pair)),
        Figure("Share of random sets that rank them less well", beats, 0.5),
    ]  # fmt: skip


def _coverage(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    held = {
        f"{KIND_NAMES[a]} and {KIND_NAMES[b].lower()}": known[f"interval_held_{a}_{b}"]
        for n, a in enumerate(KINDS)
        for b in KINDS[n:]
    }
    regions = {f"after {n} probe texts": known[f"region_held_{n}"] for n in (32, 64, 128, 256)}
    reach = lambda of: [number(end(v["value"] for v in of.values())) for end in (min, max)]  # noqa: E731
    (low, high), (least, most) = reach(held), reach(regions)
    answer = (
        f"Intervals of similarities, meant to hold in 0.95 of cases, hold in {low} to {high}, by kinds; regions of a "
        f"landing, meant to hold in 0.90, hold in {least} to {most}. Both are of single texts."
    )
    return answer, [
        Figure("Intervals that hold the similarity on other probe texts",
               tuple(_line(who, v, own=True) for who, v in held.items()), 0.95, "what is meant", start=0.8),
        Figure("Regions of a landing in which the prompt ends",
               tuple(_line(who, v, own=True) for who, v in regions.items()), 0.90, "what is meant", start=0.8),
    ]  # fmt: skip


def _settle(name: str, known: Mapping[str, Any]) -> tuple[str, list[Figure]]:
    of, own = known["held_out"], known["held_out"]["settled_0.95"]
    answer = (
        f"At a confidence of 0.95, half of the verdicts settle within {own['median']:.0f} of {ALL_TEXTS} probe texts; "
        f"of all verdicts {number(own['same'], 3)} are those of all texts."
    )
    rules = {
        **{f"settled at {sure}": of[f"settled_{sure}"] for sure in ("0.9", "0.95", "0.99")},
        **{f"always {n}": of[f"fixed_{n}"] for n in (128, 256)},
    }
    return answer, [
        Figure("Probe texts asked, on average", tuple(
            Line(rule, v["mean"], own=rule.startswith("settled")) for rule, v in rules.items()), digits=0),
        Figure("Verdicts that are those of all texts", tuple(
            Line(rule, v["same"], own=rule.startswith("settled")) for rule, v in rules.items()), digits=3, start=0.9),
    ]  # fmt: skip


TELLERS: dict[str, Callable[[str, Mapping[str, Any]], tuple[str, list[Figure]]]] = {
    "retrieval": _retrieval,
    "fine-tuned": _retrieval,
    "surrogates": _surrogates,
    "prompts": _prompts,
    "prompts-shipped": _prompts,
    "transfer": _transfer,
    "stability": _stability,
    "claims": _claims,
    "cover": _cover,
    "coverage": _coverage,
    "settle": _settle,
}
