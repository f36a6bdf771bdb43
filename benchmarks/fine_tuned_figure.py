"""Draws what `fute eval fine-tuned` found: each kind of model with its 95 % intervals, shipped and fine-tuned.

    python benchmarks/fine_tuned_figure.py [--out docs/images/fine-tuned.svg]

Reads docs/results/fine-tuned.json, so it takes a second and no model.
"""

import argparse
import json
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from fute_core.evaluation.parts.fine_tuned_items import FINE_TUNINGS
from fute_core.home import RESULTS

PANELS = {
    "skilled_own_top1": "skilled: own dataset\nis the nearest",
    "skilled_family_first": "skilled: the nearest\nis of its family",
    "architecture_share": "same task beats\nsame architecture",
}
KINDS = {
    "logistic": "words, logistic regression",
    "naive-bayes": "letters, naive Bayes",
    "trees": "words, extra trees",
    "encoder": "language model's features, logistic regression",
    "minilm-l3 fine-tuned": "MiniLM-L3, fine-tuned",
    "bge-small fine-tuned": "bge-small, fine-tuned",
    "smollm2 adapted": "SmolLM2, adapters",
}
CAPTION = "grey: shipped kinds; blue: fine-tuned, as newcomers; in brackets the number of models; dashed: chance"
SHIPPED, TUNED, INK = "#8a8f98", "#1f6feb", "#333333"


def draw(kinds: dict[str, dict[str, dict[str, float]]], out: Path) -> None:
    """kinds : by kind and measure an estimate."""
    style = {"font.size": 8, "svg.fonttype": "none", "svg.hashsalt": "fine-tuned", "text.color": INK,
             "axes.edgecolor": "#cccccc", "xtick.color": INK, "ytick.color": INK}  # fmt: skip
    with mpl.rc_context(style):
        figure = Figure(figsize=(7.6, 1.1 + 0.28 * len(kinds)), layout="constrained")
        for axes, (measure, title) in zip(figure.subplots(1, len(PANELS), sharey=True), PANELS.items(), strict=True):
            for row, (kind, found) in enumerate(reversed(kinds.items())):
                of, colour = found[measure], TUNED if kind in FINE_TUNINGS else SHIPPED
                if of["n"]:
                    axes.plot([of["low"], of["high"]], [row, row], color=colour, linewidth=1.6, solid_capstyle="round")
                    axes.plot(of["value"], row, "o", color=colour, markersize=5)
                    axes.annotate(f"{of['value']:.2f}", (of["value"], row), (0, 5), textcoords="offset points",
                                  ha="center", fontsize=6.5,
                                  bbox={"fc": "white", "ec": "none", "pad": 0.3})  # fmt: skip
                else:
                    axes.annotate("none", (0.03, row), va="center", fontsize=6.5, color=SHIPPED)
            axes.axvline(found[measure]["chance"] or 0, color="#cccccc", linewidth=1, linestyle=(0, (3, 3)))
            axes.set_title(title, fontsize=8, loc="left", color=INK)
            axes.set_xlim(0, 1.03)
            axes.set_ylim(-0.6, len(kinds) - 0.2)
            names = [f"{KINDS[kind]} ({found['mte_own_mrr']['n']})" for kind, found in kinds.items()]
            axes.set_yticks(range(len(kinds)), names[::-1])
            axes.tick_params(length=0)
            axes.spines[["top", "right", "left"]].set_visible(False)
        figure.supxlabel(CAPTION, fontsize=6.5, color="#666666")
        figure.savefig(out, format="svg", metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=RESULTS.parent / "images" / "fine-tuned.svg")
    out = parser.parse_args().out
    draw(json.loads((RESULTS / "fine-tuned.json").read_text("utf-8"))["kinds"], out)
    print(f"Wrote {out}.")


if __name__ == "__main__":
    main()
