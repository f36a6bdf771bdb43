"""What is said of newcomers is counted with their family left out of everything."""

from fute_core.evaluation.claims import claims_result


def test_pairs_that_do_different_jobs_read_closer_than_nineteen_in_twenty_as_often_as_that_says():
    values = claims_result(quick=True).values
    for kinds in ("dataset_dataset", "model_dataset", "model_model"):
        pairs = values[f"pairs_{kinds}"]
        assert pairs["newcomers"] <= 0.12, "two families are few"
        assert pairs["reference"] > pairs["newcomers"], kinds
    assert values["dataset_512"]["false"].n >= 2
