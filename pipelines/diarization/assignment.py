"""Local speakers of a chunk become speakers of the recording, each another one."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

UNASSIGNED = -1  # within this package: a local speaker without a speaker of the recording


def assign(
    similarity: npt.NDArray[np.float32], chunks: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """The best pairing in every chunk: two of its local speakers are never the same person.

    Args:
        similarity: (num_local, num_speakers) of each local speaker to each centroid.
        chunks: (num_local,) the chunk of each local speaker, rising.

    Returns:
        (num_local,) row of the centroid, or UNASSIGNED when a chunk has more local speakers
        than the recording has speakers.
    Source: constrained assignment of Bredin 2023, "pyannote.audio 2.1 speaker diarization".
    """
    labels = np.full(len(similarity), UNASSIGNED, dtype=np.intp)
    for chunk in np.unique(chunks):
        rows = np.flatnonzero(chunks == chunk)
        local, speakers = linear_sum_assignment(-similarity[rows])
        labels[rows[local]] = speakers
    return labels
