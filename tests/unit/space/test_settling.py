"""A verdict is settled where more texts would hardly change it."""

import numpy as np
import pytest

from fute_core.errors import BadInput
from fute_core.space.scale import Scale
from fute_core.space.scales import scale_at
from fute_core.space.settling import SETTLING, Drift, Settling, Standing, looks

PLAIN = Settling(Drift(0.0, 1.0), Drift(0.0, 1.0), Drift(0.0, 1.0))


def standing(greatest: float, n: int = 128, m: int = 512, gap: float = 1.0, level: float = 0.1) -> Standing:
    return Standing(greatest, level, gap, n, m)


def test_a_verdict_far_from_the_level_is_settled_and_one_beside_it_is_not():
    assert SETTLING.settled(standing(-0.2), 0.95)
    assert SETTLING.settled(standing(0.4), 0.95)
    assert not SETTLING.settled(standing(0.09), 0.95)
    assert not SETTLING.settled(standing(0.11), 0.95)


def test_kin_needs_the_nearest_family_to_lead_the_next():
    assert not SETTLING.settled(standing(0.4, gap=0.01), 0.95)
    assert SETTLING.settled(standing(-0.2, gap=0.0), 0.95), "whose family would have been nearest matters to no claim"


def test_the_same_distance_settles_after_more_texts_and_at_less_confidence():
    near = [n for n in looks(512) if SETTLING.settled(standing(-0.1, n), 0.95)]
    assert near == looks(512)[-len(near) :]
    assert 1 < len(near) < len(looks(512))
    close = standing(-0.1)
    assert SETTLING.settled(close, 0.5)
    assert not SETTLING.settled(close, 0.999)


def test_all_texts_settle_anything_and_too_few_or_too_few_known_jobs_nothing():
    assert SETTLING.settled(standing(0.1, n=512), 0.95)
    assert not SETTLING.settled(standing(-1.0, n=32), 0.95)
    assert not SETTLING.settled(standing(-1.0, level=float("inf")), 0.95)


@pytest.mark.parametrize("confidence", [0.0, 0.3, 1.0, 95, float("nan")])
def test_a_confidence_outside_is_refused(confidence):
    with pytest.raises(BadInput, match=r"0\.5 to 0\.999"):
        SETTLING.bounds(confidence)


def test_means_of_draws_without_replacement_keep_their_side_as_often_as_is_said():
    """The unit is that of a mean of n of m numbers: with no drift and unit spread the bound has to hold as told."""
    rng = np.random.default_rng(0)
    n, m = 128, 512
    kept, settled = [], 0
    for true in rng.normal(scale=0.06, size=3000):
        texts = true + rng.normal(size=m)
        so_far = texts[:n].mean()
        if PLAIN.settled(Standing(so_far, 0.0, 2.0, n, m), 0.9):
            settled += 1
            kept.append((texts.mean() > 0) == (so_far > 0))
    assert settled > 300
    assert np.mean(kept) >= 0.9


def test_looks_start_at_the_floor_and_end_with_all():
    assert looks(512) == [64, 96, 128, 192, 256, 384, 512]
    assert looks(96) == [64, 96]
    assert looks(40) == [40]


def test_a_scale_between_two_lies_between_them_and_falls_like_the_root_of_one_over_n():
    def scale(n: int) -> Scale:
        return Scale({}, best={"prompt dataset": np.linspace(0, 1, 40) / np.sqrt(n)})

    between = scale_at({64: scale(64), 256: scale(256)}, 128)
    np.testing.assert_allclose(between.best["prompt dataset"], scale(128).best["prompt dataset"])
    assert between.claim_level("prompt", "dataset") == pytest.approx(scale(128).claim_level("prompt", "dataset"))


def test_a_scale_outside_the_measured_ones_claims_nothing_below_and_keeps_the_last_above():
    known = {64: Scale({"dataset dataset": np.zeros(3)}), 128: Scale({"dataset dataset": np.ones(3)})}
    assert scale_at(known, 32).null == {}
    assert scale_at(known, 200) is known[128]
    assert scale_at(known, 64) is known[64]
