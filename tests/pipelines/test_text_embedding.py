"""Sentence embeddings by the real model."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from meeting_app.errors import ModelError
from pipelines.text_embedding import MiniLmEmbedder


@pytest.mark.model
def test_like_meanings_are_near_and_rows_have_unit_norm(models: Any) -> None:
    embed = MiniLmEmbedder(models("minilm-l6-v2"))
    texts = ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "Taxes rose in May."]
    vectors = embed(texts)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > 0.5 > likeness[0, 2]
    assert np.array_equal(embed(texts), vectors)
    assert embed([]).shape == (0, 384)


@pytest.mark.model
def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a sentence embedding model"):
        MiniLmEmbedder(tmp_path / "nothing")
