"""KeyBERT: which phrases of a text mean what the text means."""

from collections.abc import Sequence

import numpy as np

from pipelines.text_embedding import Embedder

# How much a keyphrase must differ from the better ones: 0 not at all, 1 only that counts.
_DIVERSITY = 0.4


def rank_phrases(
    embed: Embedder, texts: np.ndarray, phrases: Sequence[Sequence[str]], top_n: int
) -> tuple[tuple[str, ...], ...]:
    """For each text, the phrases nearest to its meaning and unlike each other, best first.

    Args:
        embed: the model that embedded the texts.
        texts: (num_texts, dimension) float, what each text is about.
        phrases: the candidates of each text.
        top_n: at most this many per text.

    Source: Grootendorst 2020, KeyBERT, doi:10.5281/zenodo.4461265.
    """
    filled = [index for index, found in enumerate(phrases) if found]
    if not filled:
        return tuple(() for _ in phrases)
    # Imported here because it costs seconds, which a recording without words need not pay.
    from keybert import KeyBERT
    from keybert.backend import BaseEmbedder
    from sklearn.feature_extraction.text import CountVectorizer

    class Backend(BaseEmbedder):  # type: ignore[misc]  # KeyBERT has no types
        def embed(self, documents: Sequence[str], verbose: bool = False) -> np.ndarray:
            return embed([str(document) for document in documents])

    # KeyBERT asks for documents and a way to split them; ours are lists of phrases already.
    ranked = KeyBERT(Backend()).extract_keywords(
        [list(phrases[index]) for index in filled],
        vectorizer=CountVectorizer(analyzer=list),
        doc_embeddings=texts[filled],
        use_mmr=True,
        diversity=_DIVERSITY,
        top_n=top_n,
    )
    per_text = [ranked] if len(filled) == 1 else ranked
    found = dict(zip(filled, per_text, strict=True))
    return tuple(tuple(p for p, _ in found.get(index, ())) for index in range(len(phrases)))
