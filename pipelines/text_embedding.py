"""Sentence embeddings: texts that mean alike point the same way."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from meeting_app.errors import ModelError

Embedder = Callable[[Sequence[str]], np.ndarray]
"""Texts → (num_texts, dimension) float32, rows of unit norm; no texts give zero rows."""

_BATCH_SIZE = 64
# Vectors kept so that chapters, titles and summary embed a sentence once: 6 MB at 384 × float32.
_CACHE_SIZE = 4096


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 through sentence-transformers; an Embedder with a small cache.

    The model knows English. Other languages get vectors that still depend on the words alone,
    so results stay deterministic, but likeness of meaning is then hardly more than of spelling.

    Source: Wang et al. 2020, arXiv:2002.10957; Reimers and Gurevych 2019, arXiv:1908.10084.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        """Load the model.

        Args:
            folder: a sentence-transformers model folder.
            device: as torch names it.

        Raises:
            ModelError: the folder does not hold a model that can be loaded.
        """
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        # A tenth of a second of loading needs no bar on stderr; transformers leaves it untyped.
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = SentenceTransformer(str(folder), device=device, local_files_only=True)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelError(
                f"{folder}: not a sentence embedding model ({error}); "
                "run `meeting-app models verify`"
            ) from error
        self._known: OrderedDict[str, np.ndarray] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Embed texts; (num_texts, dimension) float32, rows of unit norm."""
        if not texts:
            return np.zeros((0, self._dimension), dtype=np.float32)
        found = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found.update(zip(missing, self._encode(missing), strict=True))
        self._remember(found)
        return np.stack([found[text] for text in texts])

    @property
    def _dimension(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    def _encode(self, texts: list[str]) -> np.ndarray:
        vectors = self._model.encode(  # sorts by length, so short sentences pad little
            texts, batch_size=_BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)

    def _remember(self, found: dict[str, np.ndarray]) -> None:
        for text, vector in found.items():
            self._known[text] = vector
            self._known.move_to_end(text)
        while len(self._known) > _CACHE_SIZE:
            self._known.popitem(last=False)
