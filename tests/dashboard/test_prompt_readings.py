"""What the answers of a prompt say: ranks, independent repeats, and the sentences about them."""

import time
from dataclasses import replace

import numpy as np
import pytest
from just_landed import found

from dashboard.components import prompt_board, prompt_pin, prompt_reading
from dashboard.reads import places, ranks
from fute_core.atlas import landing, same_texts
from fute_core.atlas.atlas import open_atlas
from fute_core.embedding.requests import EmbedRequest
from fute_core.errors import BadInput
from fute_core.methods.functional import log_odds
from fute_core.space.drawn import answer_weight, gram_cosines
from fute_core.space.resampling import Resampler
from fute_core.space.told import EARLY, STANDING, STANDINGS, headline
from fute_core.space.verdict import judge


def settled(make):
    """What a computation in the background gives once it is there."""
    until = time.monotonic() + 300
    while (made := make()) is None and time.monotonic() < until:
        time.sleep(0.05)
    return made


def test_a_leaderboard_of_few_texts_names_no_winner(atlas, said):
    target = next(i for i in atlas.items if i.embedding.kind == "dataset" and i.answers is not None)
    selection = settled(lambda: ranks.leaderboard(atlas, target, [found(said, 64, atlas)]))
    assert selection.winner is None
    assert "64 probe texts are too few" in selection.reason


def test_prompts_are_ranked_on_the_texts_that_all_have_answered(atlas, said):
    target = next(i for i in atlas.items if i.embedding.kind == "dataset" and i.answers is not None)
    early, late = found(said, 200, atlas), replace(found(said, 512, atlas), name="the same, further")
    one, two = settled(lambda: ranks.leaderboard(atlas, target, [early, late])).ranking
    assert one.agreement == pytest.approx(two.agreement, abs=1e-6)
    nothing = replace(early, answers=early.answers.of(np.arange(0)), source="nothing")
    with pytest.raises(BadInput, match="no probe text in common"):
        settled(lambda: ranks.leaderboard(atlas, target, [late, nothing]))


def test_a_copy_ranks_beside_its_original_among_the_prompts_of_the_family(atlas, said):
    item, _ = said
    copy = found(said, 512, atlas)
    target, rivals, _ = ranks.in_family(atlas, copy)
    assert {r.embedding.family for r in rivals} == {target.embedding.family}
    selection = settled(lambda: ranks.in_family(atlas, copy)[2])
    place = {r.name: n for n, r in enumerate(selection.ranking)}
    if item in rivals:
        assert abs(place[item.embedding.name] - place[copy.name]) == 1
    told = prompt_reading.place_among(selection, copy.name)
    assert told.startswith(
        f"Number {place[copy.name] + 1} of {len(rivals) + 1} by agreement with {target.embedding.name}"
    )


def test_a_prompt_no_better_than_chance_is_grey_and_has_no_number(atlas, said):
    target = next(i for i in atlas.items if i.embedding.name == "sst2" and i.embedding.kind == "dataset")
    family = [i for i in atlas.items if i.embedding.kind == "prompt" and i.embedding.family in ("topic", "sentiment")]
    selection = settled(lambda: ranks.leaderboard(atlas, target, [ranks.as_landed(i) for i in family]))
    by_chance = ranks.by_chance(atlas, target, selection)
    middle = np.median(atlas.scale.reference("prompt", "dataset", 1))
    assert by_chance == {r.name for r in selection.ranking if r.similarity < middle}
    assert 0 < len(by_chance) < len(selection.ranking)
    for n, ranked in enumerate(selection.ranking):
        chance = ranked.name in by_chance
        row = prompt_reading.ranked_row(n, ranked, chance=chance)
        assert (row["dim"], row["name"].startswith(f"{n + 1}. ")) == (chance, not chance)
        told = prompt_reading.place_among(selection, ranked.name, by_chance)
        assert told.startswith("No number") == chance


def test_a_leaderboard_of_few_texts_leaves_with_the_share_of_as_few(atlas, said):
    target = next(i for i in atlas.items if i.embedding.name == "sst2" and i.embedding.kind == "dataset")
    selection = settled(lambda: ranks.leaderboard(atlas, target, [found(said, 64, atlas)]))
    (row,) = prompt_board.table_of(atlas, target, selection)
    few = same_texts.scale_on_texts(atlas, 64).share("prompt", "dataset", row["similarity"], 1)
    assert row["share_of_different_jobs"] == pytest.approx(few)
    assert few != pytest.approx(atlas.scale.share("prompt", "dataset", row["similarity"], 1))


def test_after_few_texts_a_similarity_means_less_and_after_all_the_same(atlas, said):
    few, all_texts = (same_texts.scale_on_texts(atlas, n) for n in (32, 512))
    assert few.share("prompt", "dataset", 0.1, 1) > 2 * all_texts.share("prompt", "dataset", 0.1, 1)
    assert np.isnan(same_texts.scale_on_texts(atlas, 16).share("prompt", "dataset", 0.1, 1)), "never measured"
    assert found(said, 512, atlas).last.scale is atlas.scale


def test_repeats_share_no_text_and_use_each_once(atlas, said, monkeypatch):
    asked = []
    similar = landing.similar_on_same_texts
    monkeypatch.setattr(
        landing, "similar_on_same_texts", lambda a, given, basis, counts, **how: asked.append(given.index)
        or similar(a, given, basis, counts, **how)
    )  # fmt: skip
    _, answers = said
    made = landing.repeats(atlas, answers, same_texts.atlas_basis(atlas, None), calibrate=False)
    assert [r.n for r in made] == [128] * 4
    assert sorted(np.concatenate(asked)) == list(range(512))
    assert min(np.ptp(part) for part in asked) > 400
    assert landing.repeats(atlas, answers.first(100), same_texts.atlas_basis(atlas, None)) == []


def test_a_repeat_is_what_the_same_answers_alone_would_give(atlas, said):
    _, answers = said
    basis = same_texts.atlas_basis(atlas, None)
    part = np.sort(np.random.default_rng(0).permutation(512)[:128])
    alone = same_texts.similar_on_same_texts(atlas, answers.of(part), basis, np.ones((1, 128)), calibrate=False)[0]
    assert landing.repeats(atlas, answers, basis, calibrate=False)[0].similarity == pytest.approx(alone, abs=1e-5)


def families_of_repeats(atlas, answers) -> set:
    parts = landing.repeats(atlas, answers, same_texts.atlas_basis(atlas, None), calibrate=False)
    return {places.nearest_to(atlas, r.similarity, "dataset", "")[0].embedding.family for r in parts}


def test_repeats_of_a_prompt_that_does_its_job_agree_and_of_noise_do_not(atlas):
    one = next(i for i in atlas.items if i.embedding.name == "topic-09-text-then-this-is")
    answers = ranks.as_landed(one).answers
    assert families_of_repeats(atlas, answers) == {"topic"}
    noise = np.random.default_rng(0).dirichlet(np.ones(answers.proba.shape[1]), 512).astype(np.float32)
    assert len(families_of_repeats(atlas, replace(answers, proba=noise))) > 1


def test_where_repeats_land_is_one_sentence(atlas):
    of = {i.embedding.name: i for i in atlas.items}
    said = prompt_reading.where_repeats_land([of["sst2"], of["mr"]], 64)
    assert said.startswith("All 2 repeats land nearest to sentiment.")
    said = prompt_reading.where_repeats_land([of["sst2"]] * 3 + [of["trec"]], 128)
    assert said.startswith("3 of 4 repeats land nearest to")
    assert "this place is chance" in prompt_reading.where_repeats_land([of["sst2"], of["trec"]], 64)


def judged(atlas, n: int) -> list[tuple[str, bool]]:
    """Verdict on each shipped prompt after n probe texts, and whether it lands nearest to its own family."""
    basis = same_texts.atlas_basis(atlas, None)
    calibrator = same_texts.calibrator_on(atlas, np.arange(n), basis)
    drawn = Resampler(calibrator, basis[:n], np.ones((1, n)))
    parts = {
        kind: [
            (i.embedding, drawn.resample(i.embedding, log_odds(i.answers[:n]), atlas.space.placed.take([at])))
            for at, i in enumerate(atlas.items)
            if i.embedding.kind == kind and i.answers is not None
        ]
        for kind in ("dataset", "prompt")
    }
    told = []
    for prompt, one in parts["prompt"]:
        cosines = np.array([answer_weight(one, d) * gram_cosines(one, d)[0] for _, d in parts["dataset"]])
        best = int(cosines.argmax())
        nearest = parts["dataset"][best][0]
        found = judge(same_texts.scale_on_texts(atlas, n), "prompt", nearest, cosines[best])
        told.append((found.job, nearest.family == prompt.family))
    return told


@pytest.mark.parametrize(("n", "right"), [(64, 0.5), (128, 0.5), (256, 0.5), (512, 0.75)])
def test_claims_about_shipped_prompts_are_mostly_right_at_every_stage(atlas, n, right):
    told = judged(atlas, n)
    claims = [own for job, own in told if job in ("same", "kin")]
    assert np.mean(claims) >= right
    assert sum(not own for own in claims) <= 0.05 * len(told), "what is promised: one in twenty is claimed wrongly"
    assert len(claims) > 5
    assert np.mean([own for job, own in told if job == "none"]) < 0.35


def test_a_verdict_says_what_the_nearest_of_strangers_reach(atlas):
    near = next(i.embedding for i in atlas.items if i.embedding.name == "sms_spam")
    level = atlas.scale.claim_level("prompt", "dataset")
    said = prompt_reading.verdict_words(judge(atlas.scale, "prompt", near, level + 0.01), all_texts=True)
    assert said[0] == headline("kin", "spam")
    assert f"1 in 20 reach {level:.2f} with some dataset" in said[1]
    said = prompt_reading.verdict_words(judge(atlas.scale, "prompt", near, 0.03), all_texts=False)
    assert said[0] == EARLY
    assert "come as near to some dataset. More probe texts will tell." in said[1]
    said = prompt_reading.verdict_words(judge(atlas.scale, "prompt", near, 0.03), all_texts=True)
    assert said[0] == headline("none", None)
    assert "More probe texts" not in said[1]
    said = prompt_reading.verdict_words(judge(atlas.scale, "prompt", near, 0.9), all_texts=True)
    assert said[0] == headline("same", "spam")


def test_where_few_jobs_are_known_a_verdict_claims_nothing():
    pairs = open_atlas(True, store=False)
    near = next(i.embedding for i in pairs.items if i.embedding.kind == "dataset")
    judged = judge(pairs.scale, "prompt", near, 0.9)
    assert judged.job == "unknown"
    said = prompt_reading.verdict_words(judged, all_texts=True)
    assert said[0] == headline("unknown", None)
    assert "Too few jobs are known" in said[1]
    assert near.name in said[1]


def test_what_is_pinned_of_a_landing_says_the_verdict_and_what_each_neighbour_tells(atlas, said):
    landed = found(said, 512, atlas)
    request = EmbedRequest("prompt", "sentiment", model="smollm2", template="sentiment-01-review-question")
    judged = places.verdict(atlas, landed)
    assert f"{headline(judged.job, judged.of)}. {judged.why}" in prompt_pin.note(atlas, landed, request)
    row = prompt_pin.row_of(landed.last.scale, landed.kind, atlas.items[0], 0.9, 0.8, 1.0)
    low = prompt_pin.row_of(landed.last.scale, landed.kind, atlas.items[1], -0.5, -0.6, -0.4)
    assert [r[STANDING] for r in (row, low)] == [STANDINGS["same"], STANDINGS["chance"]]
    assert [r["name"] for r in prompt_pin.as_read([low, row])] == [row["name"], low["name"]]
