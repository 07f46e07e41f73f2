"""The encoder of queries against the one of passages: the same model, so the same vectors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meeting_app.errors import ModelError
from pipelines.query_embedding import MiniLmQueryEncoder
from pipelines.text_embedding import MiniLmEmbedder


@pytest.mark.model
def test_a_query_has_the_vector_that_the_same_text_has_as_a_passage(models: Any) -> None:
    folder = models("minilm-l6-v2")
    encode, embed = MiniLmQueryEncoder(folder), MiniLmEmbedder(folder)
    texts = ["what did we decide about the date?", "", "会议记录 café", "hello " * 400]
    for text, expected in zip(texts, embed(texts), strict=True):
        assert np.abs(encode(text) - expected).max() < 1e-5


def test_a_folder_without_the_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"not a sentence embedding model.*models verify"):
        MiniLmQueryEncoder(tmp_path)
