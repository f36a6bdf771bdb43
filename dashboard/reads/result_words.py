"""What the measures of the evaluations are called on the About page, in words that need no code."""

from dashboard.session.filtering import KIND_NAMES

CLASSIFIERS = KIND_NAMES["model"].lower()
RETRIEVAL = {
    "skilled_own_top1": f"Skilled {CLASSIFIERS}: the nearest dataset is their own",
    "skilled_family_first": f"Skilled {CLASSIFIERS}: the nearest dataset is of their family",
    "weak_family_first": f"Weak {CLASSIFIERS}: the nearest dataset is of their family",
    "mte_own_mrr": f"All {CLASSIFIERS}: reciprocal rank of their own dataset",
    "dte_family_mrr": "Datasets: reciprocal rank of another one of their family",
    "architecture_share": f"{CLASSIFIERS.capitalize()} of one task are closer than those of one architecture",
}
"""Of the study by that name, and of any that measures the same."""
WORDS: dict[str, dict[str, str]] = {
    "retrieval": RETRIEVAL,
    "fine-tuned": {
        "skilled_own_top1": "Skilled fine-tuned language models: the nearest dataset is their own",
        "skilled_family_first": "Skilled fine-tuned language models: the nearest dataset is of their family",
        "weak_family_first": "Weak fine-tuned language models: the nearest dataset is of their family",
        "mte_own_mrr": "All fine-tuned language models: reciprocal rank of their own dataset",
        "architecture_share": "Fine-tuned ones are closer to models of their task than to their own kind",
        "architecture_share_beside_words": "The same, where the other model of the task reads words or letters",
        "architecture_share_beside_language_models": "The same, where it reads with a language model",
        "architecture_share_all_kinds": "Models of one task are closer than those of one architecture, all kinds",
        "architecture_share_shipped_kinds": "Models of one task are closer than those of one architecture, as shipped",
    },
    "surrogates": {
        **RETRIEVAL,
        "mantel_all": "Similarities agree with those on the default encoder (Spearman)",
        "mantel_datasets": "Similarities of datasets agree with those on the default encoder (Spearman)",
        "neighbours_kept_all": "Of the nearest on the default encoder, the share that is nearest here",
        "neighbours_kept_datasets": "Of the nearest datasets on the default encoder, the share that is nearest here",
    },
    "prompts": {
        "spearman": "Ranking prompts without labels: agreement with their true order (Spearman)",
        "regret_points": "Accuracy points lost by taking the first choice; fewer is better",
        "similarity_skill_spearman": "A prompt's similarity to its family against its skill (Spearman)",
        "agreement_skill_spearman": "A prompt's agreement with its family against its skill (Spearman)",
        "agreement_named_skill_spearman": "The same with answers as they are named (Spearman)",
        "skilled_family_first": "Skilled prompts: the nearest dataset is of their family",
        "weak_family_first": "Weak prompts: the nearest dataset is of their family",
        "other_family_first": "Prompts below weak: the nearest dataset is of their family",
    },
    "prompts-shipped": {
        "spearman": "Ranking the shipped prompts by fute select: agreement with their true order (Spearman)",
        "regret_points": "Accuracy points lost by taking the first prompt of fute select; fewer is better",
    },
    "transfer": {
        "spearman": "Ranking datasets to train on first: agreement with their true order (Spearman)",
        "regret_at_1": "Accuracy points lost by taking the first dataset; fewer is better",
        "regret_at_3": "Accuracy points lost by the best of the first three; fewer is better",
        "gain_of_best_source": "Accuracy points that training first on the best dataset brings",
        "gain_of_mean_source": "Accuracy points that training first on any dataset brings",
    },
    "stability": {
        "halves_mutual_nearest": "Two halves of a dataset are each other's nearest",
        "halves_family_nearest": "The nearest to half a dataset is its other half or of its family",
        "halves_mutual_nearest_as_shipped": "Two halves of a shipped dataset are each other's nearest",
        "halves_similarity": "Similarity of two halves of a dataset",
        "halves_other_families": "Similarity of half a dataset to halves of other families",
        "shuffled_similarity": "Similarity of a half to itself with shuffled labels; less is better",
        "shuffled_below_halves": "Shuffled labels are less alike than the other half",
        "rows_first_25": "25 rows of a dataset are nearest to its other half",
        "rows_first_100": "100 rows of a dataset are nearest to its other half",
        "probe_halves_spearman": "Similarities on two halves of the probe texts agree (Spearman)",
        "spoilt_answers_monotone": "The more answers are spoilt, the less alike, at every step",
        "spoilt_answers_spearman": "The more answers are spoilt, the less alike (Spearman)",
        "uninformed_stay_away": f"{CLASSIFIERS.capitalize()} that answer at random or always alike come near nothing",
        "uninformed_highest_similarity": f"The highest similarity of such {CLASSIFIERS}; less is better",
        "probes_32_skilled_family_first": f"Skilled {CLASSIFIERS} after 32 probe texts: nearest of their family",
        "probes_64_skilled_family_first": f"Skilled {CLASSIFIERS} after 64 probe texts: nearest of their family",
        "probes_128_skilled_family_first": f"Skilled {CLASSIFIERS} after 128 probe texts: nearest of their family",
        "probes_256_skilled_family_first": f"Skilled {CLASSIFIERS} after 256 probe texts: nearest of their family",
        "probes_512_skilled_family_first": f"Skilled {CLASSIFIERS} after 512 probe texts: nearest of their family",
        "paraphrase_nearest": "A prompt's nearest prompt asks the same",
        "skilled_paraphrase_nearest": "A skilled prompt's nearest prompt asks the same",
    },
}  # fmt: skip
"""Measures by result, in the order they are shown in; what is not named here comes after, by its own name."""

QUESTIONS = {
    "retrieval": "Do models lie near their own dataset?",
    "fine-tuned": "Do fine-tuned language models land near their own dataset?",
    "surrogates": "Does the picture depend on the encoder?",
    "prompts": "Can prompts be ranked without labels?",
    "prompts-shipped": "Does that hold for every packaged language model?",
    "transfer": "Does it tell what to train on first?",
    "stability": "Would other rows lead to the same place?",
    "claims": "Is “the same job” right when it is said?",
    "cover": "Do a few datasets rank models as all do?",
    "coverage": "Do intervals hold what they promise?",
    "settle": "How many probe texts does a verdict need?",
}
"""What each study is asked, on the About page."""

ENCODERS = ("bge-small", "paraphrase-minilm", "minilm", "e5-small")
PARTS = {
    "bge-small": "BGE-small, the default",
    "paraphrase-minilm": "Paraphrase-MiniLM",
    "minilm": "MiniLM",
    "e5-small": "E5-small",
    "single": "single texts",
    "pairs": "text pairs",
    "rows_64": "64 rows of the target",
    "rows_256": "256 rows of the target",
    "reliable": "where the true order is known well",
    "many_prompts": "where a family has 12 prompts or more",
}

SIDE_BY_SIDE = {
    "surrogates": ("skilled_own_top1", "dte_family_mrr", "architecture_share", "mantel_datasets",
                   "neighbours_kept_datasets"),
    "stability": ("halves_mutual_nearest", "halves_family_nearest", "halves_similarity", "shuffled_similarity",
                  "halves_other_families", "rows_first_25", "rows_first_100", "probe_halves_spearman",
                  "spoilt_answers_monotone", "uninformed_stay_away", "probes_64_skilled_family_first",
                  "probes_128_skilled_family_first", "paraphrase_nearest", "skilled_paraphrase_nearest"),
}  # fmt: skip
"""The few measures of a result that answer its question; a table has its parts side by side, and no more is drawn."""
PAIRS = "pairs_"


def title(result: str, measure: str, part: str = "") -> str:
    """A heading for a measure of a result, and of a part of it."""
    known = WORDS.get(result, {})
    if measure.startswith(PAIRS) and measure not in known:
        return f"Text pairs: {title(result, measure.removeprefix(PAIRS), part)}"
    words = known.get(measure, measure.replace("_", " ").capitalize())
    return f"{words}, {part_of(part)}" if part else words


def part_of(part: str) -> str:
    """What a part of a result is called."""
    return PARTS.get(part, part.replace("_", " "))


def order(result: str, measure: str) -> int:
    known = list(WORDS.get(result, {}))
    return known.index(measure) if measure in known else len(known)
