"""What the retrieval evaluation makes of its rows."""

from fute_core.evaluation.retrieval.ranks import RankedModel, figures


def row(dataset: str, right: bool) -> RankedModel:
    return RankedModel(
        f"{dataset} box", dataset, dataset, "words", 0.9, 0.8, 1 if right else 2, right, dataset, 4, 0.25
    )


def test_intervals_draw_datasets_whole_since_their_models_share_a_fate():
    rows = [row("found", True)] * 50 + [row("lost", False)] * 50
    triples = [("found", True)] * 500 + [("lost", False)] * 500
    found = figures(rows, [1.0, 0.5], triples)
    for name in ("skilled_own_top1", "skilled_family_first", "architecture_share"):
        assert (found[name]["low"], found[name]["value"], found[name]["high"]) == (0.0, 0.5, 1.0)
    assert (found["skilled_own_top1"]["chance"], found["skilled_own_top1"]["n"]) == (0.25, 100)


def test_without_models_there_are_no_figures_of_models():
    found = figures([], [])
    assert {(f["value"], f["n"]) for f in found.values()} == {(None, 0)}
