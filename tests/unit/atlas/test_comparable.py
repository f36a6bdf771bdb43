"""What of a store is in no space of the atlas, and is told."""

from added import add

from fute_core.atlas.comparable import told_of_other_readers
from fute_core.home import fute_home
from fute_core.store.store import open_store


def test_what_another_encoder_read_is_told_by_encoder_but_for_what_the_atlas_has_as_well():
    assert told_of_other_readers(open_store(), False) == ()
    add(fute_home(), "mine", "sst2")
    add(fute_home(), "mine", "sst2", reader="minilm")
    assert told_of_other_readers(open_store(), False) == ()
    add(fute_home(), "sst2", "sst2", "dataset", reader="minilm")
    assert told_of_other_readers(open_store(), False) == (), "what ships is there, whoever else has read it"
    add(fute_home(), "old", "sst2", reader="minilm")
    add(fute_home(), "older", "mr", reader="minilm")
    add(fute_home(), "again", "mr", reader="bge-small")
    one, other = told_of_other_readers(open_store(), False)
    assert one == ("Not in this atlas, which is of bge-small: 1 item of yours, read with other weights of bge-small; "
                   "embed again to see here: again.")  # fmt: skip
    assert other == ("Not in this atlas, which is of bge-small: 2 items of yours, read with minilm; embed again to see "
                     "here: old, older.")  # fmt: skip
    assert told_of_other_readers(open_store(), True) == ()
