"""Voices as Gaussians of one variance around the mean of what was heard of them."""

import numpy as np
import numpy.typing as npt


def gaussian_scores(
    embeddings: npt.NDArray[np.floating], means: npt.NDArray[np.floating]
) -> npt.NDArray[np.floating]:
    """(num_speakers, num_windows) log-likelihoods at variance one, but for a constant.

    Args:
        embeddings: (num_windows, dimension).
        means: (num_speakers, dimension).
    """
    return np.asarray(means @ embeddings.T - (means**2).sum(axis=1, keepdims=True) / 2)
