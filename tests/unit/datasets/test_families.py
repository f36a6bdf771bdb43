"""Families of tasks and their groups."""

from itertools import pairwise

from fute_core.datasets.catalog import shipped_datasets
from fute_core.datasets.families import shipped_families
from fute_core.templates.loading import shipped_prompts


def test_every_family_that_ships_has_a_group_and_a_sentence():
    families = shipped_families()
    shipped = {card["family"] for card in shipped_datasets().values()} | {p.family for p in shipped_prompts().values()}
    assert shipped == set(families)
    assert all(family.about.endswith(".") and family.group for family in families.values())


def test_families_of_a_group_follow_one_another_so_that_a_list_in_their_order_shows_groups():
    groups = [family.group for family in shipped_families().values()]
    changes = sum(one != other for one, other in pairwise(groups))
    assert changes == len(set(groups)) - 1
