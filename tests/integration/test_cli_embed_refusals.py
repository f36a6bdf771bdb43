"""What `fute embed` says to a wrong word: one sentence with a mend, and exit code 2."""

import pytest
from command_line import fute


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("dataset", "sstt2"), "did you mean 'sst2'?"),
        (("dataset", "sst2", "--limit", "1"), "A limit of 1 rows is too few for the 2 labels of 'sst2'"),
        (("dataset", "sst2", "--limit", "-3"), "'--limit': -3"),
        (("dataset", "sst2", "--method", "fuzed"), "There is no method 'fuzed'; choose one of fused"),
        (("dataset", "sst2", "--param", "colour=red"), "Method 'fused' has no option 'colour'"),
        (("dataset", "sst2", "--method", "fisher", "--param", "C=abc"), "Option C of method 'fisher' must be a number"),
        (("dataset", "sst2", "--method", "fisher", "--param", "C=0"), "a number above 0, not 0"),
        (("dataset", "sst2", "--method", "fisher", "--param", "C=NaN"), "a number above 0, not nan"),
        (("dataset", "sst2", "--method", "fisher", "--param", "variant=best"), "one of empirical, true, squared-mean"),
        (("dataset", "sst2", "--param", "C"), "--param 'C' is not NAME=VALUE"),
        (("dataset", "sst2", "--split", "nope"), "choose one of test, train, or all"),
        (("dataset", "sst2", "--surrogate", "minilmm"), "did you mean 'minilm'?"),
        (("dataset", "sst2", "--probes", "99999"), "there are 2048 single texts"),
        (("dataset", "sst2", "mr", "--name", "x"), "would name 2 items"),
        (("dataset", "sst2", "--jobs", "0"), "--jobs 0"),
        (("dataset", "sst2", "--address", "tcp://x:1"), "--backend dask"),
        (("dataset", "sst2", "--text-column", "texte"), "did you mean 'text'?"),
        (("dataset", "a\0b"), "No dataset"),
        (("dataset", "x" * 5000), "is no file name"),
        (("dataset",), "Missing argument"),
        (("prompt", "y" * 5000), "No prompt"),
        (("prompt", "nothing-like-it"), "No prompt 'nothing-like-it' is shipped"),
        (("prompt", "spam", "--template", "zzz"), "spam has no template 'zzz'; choose from: spam-01"),
        (
            ("prompt", "spam", "--choices", "a=b,c=d"),
            "spam ships with fields and answers of its own; leave out --choices",
        ),
        (("prompt", "spam", "--field", "text"), "--field 'text' is not NAME=VALUE"),
        (("prompt", "spam-01-message-question", "--model", "smollm"), "'smollm'"),
    ],
)
def test_a_wrong_word_is_one_sentence_with_a_mend_and_exit_code_2(arguments, says):
    done = fute("embed", *arguments)
    assert done.code == 2
    assert says in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_unknown_hub_ids_are_one_sentence_too(monkeypatch):
    import huggingface_hub

    def no_network(*_args, **_how):
        raise ConnectionError("offline")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", no_network)
    done = fute("embed", "dataset", "sst2", "--surrogate", "someone/something")
    assert done.code == 2
    assert "could not be fetched from the Hub (ConnectionError); check the id and the network" in done.err


def test_a_packaged_model_in_the_wrong_place_is_refused_without_a_request(tmp_path):
    surrogate = fute("embed", "dataset", "sst2", "--limit", 8, "--surrogate", "smollm2")
    assert "'smollm2' is a packaged language model, which cannot be used in this place" in surrogate.err
    prompt = fute("embed", "prompt", "sentiment", "--model", "minilm", "--probes", 32)
    assert "'minilm' is a packaged surrogate, which cannot be used in this place" in prompt.err
    assert (surrogate.code, prompt.code) == (2, 2)


def test_packaged_names_are_those_that_are_listed():
    from fute_core.models.packaged import PACKAGED, list_models

    assert {m["name"]: m["kind"] for m in list_models()} == PACKAGED
