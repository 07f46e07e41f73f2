"""The file of a meeting's voice evidence: numpy's archive of plain arrays, nothing pickled.

Embeddings are kept as float16: half the space, and nothing is decided differently for it.
"""

import zipfile
from pathlib import Path

import numpy as np

from meeting_app.domain import VoiceEvidence
from meeting_app.errors import StorageError

VERSION = 1  # raised when an older program cannot read the file


def write_evidence(evidence: VoiceEvidence, path: Path) -> None:
    """Writes the file; raises OSError."""
    with path.open("wb") as file:
        np.savez(
            file,
            version=np.array(VERSION),
            model=np.array(evidence.model),
            times=evidence.times,
            embeddings=evidence.embeddings.astype(np.float16),
            durations=evidence.durations,
        )


def read_evidence(path: Path) -> VoiceEvidence | None:
    """What ``write_evidence`` wrote, embeddings of norm one again; None when there is no file.

    Raises:
        StorageError: it is damaged, or a later version of this program wrote it.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            version = int(arrays["version"])
            if version > VERSION:
                raise StorageError(
                    f"{path}: version {version}, written by a later version of this program "
                    f"than this one, which knows {VERSION}; update it"
                )
            embeddings = arrays["embeddings"].astype(np.float32)
            norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
            return VoiceEvidence(
                model=str(arrays["model"]),
                times=arrays["times"].astype(np.float64),
                embeddings=embeddings / np.maximum(norms, np.float32(1e-9)),
                durations=arrays["durations"].astype(np.float32),
            )
    except FileNotFoundError:
        return None
    except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
        raise StorageError(
            f"{path}: damaged ({type(error).__name__}); process the recording again"
        ) from error
