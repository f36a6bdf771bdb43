"""The encoder of shipped classifiers answers also where nothing can be kept."""

import numpy as np
from tiny_language_models import saved

from fute_core.errors import Unavailable
from fute_core.evaluation.parts.encoder import encoder_trainer
from fute_core.store.store import Store
from fute_core.tasks import TaskDataset

TEXTS = ("a fine film", "so good", "dull", "so bad") * 3
ROWS = TaskDataset("films", TEXTS, np.eye(2, dtype=np.float32)[[1, 1, 0, 0] * 3], ("no", "yes"))


class Refusing(Store):
    def put(self, *_):
        raise Unavailable("The disk is full; free some room.")


def test_what_a_disk_does_not_take_is_answered_from_memory(tmp_path):
    folder = str(saved(tmp_path / "lm"))
    kept, unkept = (encoder_trainer(kind(tmp_path / "store"), folder)(ROWS) for kind in (Store, Refusing))
    np.testing.assert_allclose(unkept.predict_proba(["a fine film"]), kept.predict_proba(["a fine film"]), rtol=1e-6)


def test_a_text_of_one_token_is_answered_alike_alone_and_beside_others(tmp_path):
    trained = encoder_trainer(Store(tmp_path / "store"), str(saved(tmp_path / "lm")))(ROWS)
    alone, among = trained.predict_proba([""]), trained.predict_proba(["", "a fine film"])
    np.testing.assert_allclose(alone[0], among[0], rtol=1e-6)
