"""Two items answer the same probe texts: how often alike, and where not."""

from dataclasses import replace

import numpy as np
from asked_prompts import asked

from fute_core.analysis.first_answers import differing_texts, same_answers


def test_the_same_first_answers_are_counted_by_the_labels_names():
    one, other = asked("a", "smollm2", None, seed=1), asked("a", "big", None, seed=2)
    turned = replace(one, facts={**one.facts, "labels": ["positive", "negative"]}, answers=one.answers[:, ::-1])
    n = len(one.answers)
    assert same_answers(one, turned) == (n, n)
    assert same_answers(one, other)[0] < n
    some = one.answers.copy()
    some[: n // 2] = np.nan
    assert same_answers(one, replace(one, answers=some)) == (n - n // 2, n - n // 2)
    assert same_answers(one, replace(one, answers=None)) is None
    assert same_answers(one, replace(one, facts={"labels": ["x", "y"]})) is None


def test_texts_are_found_where_answers_differ_most_and_where_both_are_sure():
    one = asked("a", "smollm2", None)
    n = len(one.answers)
    same = np.tile(np.float32([0.6, 0.4]), (n, 1))
    changed = same.copy()
    changed[5], changed[9] = [0.1, 0.9], [0.3, 0.7]
    sure = same.copy()
    sure[7] = changed[7] = [0.99, 0.01]
    one, other = replace(one, answers=sure), replace(one, answers=changed)
    apart, alike = differing_texts(one, other, 3)
    assert apart == [5, 9]
    assert alike[0] == 7
    assert not {5, 9} & set(differing_texts(one, other, n)[1])
    assert differing_texts(one, replace(other, answers=None), 3) is None
