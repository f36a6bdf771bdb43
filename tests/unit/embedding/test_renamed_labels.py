"""The same rows with other names of labels have one vector, and each name that it was given has its own labels."""

from fute_core.atlas.atlas import open_atlas
from fute_core.datasets.memory import Dataset
from fute_core.embedding.pipelines import embed_dataset
from fute_core.embedding.recipe import Recipe
from fute_core.store.store import open_store

TEXTS = ["a fine film", "dull", "lovely", "awful"]


def test_each_name_of_a_vector_has_its_own_names_of_labels():
    store, recipe = open_store(), Recipe("text")
    for name, labels in (("short", ["pos", "neg"] * 2), ("long", ["positive", "negative"] * 2)):
        embed_dataset(Dataset(TEXTS, labels, name=name), recipe, store)
    made = {e.name: e.provenance.details["labels"] for e in store.embeddings()}
    assert made == {"short": ["neg", "pos"], "long": ["negative", "positive"]}
    assert len({e.key for e in store.embeddings()}) == 1
    again = {e.name: e.provenance.details["labels"] for e in open_store().embeddings()}
    assert again == made


def test_a_name_given_again_to_rows_with_other_labels_has_the_new_ones():
    store = open_store()
    for labels in (["pos", "neg"] * 2, ["positive", "negative"] * 2):
        embed_dataset(Dataset(TEXTS, labels, name="mine"), Recipe(), store)
    atlas = open_atlas(store=store)
    mine = atlas.items[atlas.positions["dataset:mine"]]
    assert mine.facts["labels"] == ["negative", "positive"]
