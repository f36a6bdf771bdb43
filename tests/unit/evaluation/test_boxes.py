"""A black box that never saw some labels of its dataset still answers with all of them."""

import numpy as np
import pytest

from fute_core.evaluation.parts.boxes import AllLabels
from fute_core.testing import check_predictor


class Two:
    labels = ("yes", "no")

    def predict_proba(self, texts):
        yes = np.array([len(text) % 7 / 7 for text in texts], np.float32)
        return np.stack([yes, 1 - yes], 1)

    def fingerprint(self):
        return "two"


class Cutting(Two):
    def count_truncated(self, texts):
        return sum(len(text) > 3 for text in texts)


def test_unseen_labels_get_no_probability():
    box = AllLabels(Two(), ("no", "maybe", "yes"))
    check_predictor(lambda: AllLabels(Two(), ("no", "maybe", "yes")))
    np.testing.assert_allclose(box.predict_proba(["abc"]), [[4 / 7, 0, 3 / 7]], rtol=1e-6)


@pytest.mark.parametrize(("predictor", "n"), [(Two(), 0), (Cutting(), 1)])
def test_what_the_predictor_inside_cuts_is_passed_on(predictor, n):
    assert AllLabels(predictor, ("no", "maybe", "yes")).count_truncated(["a", "abcd"]) == n
