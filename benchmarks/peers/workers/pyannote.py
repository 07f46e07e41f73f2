"""pyannote.audio's own pipeline, put together from the segmentation and ECAPA weights given.

Runs in pyannote.audio's environment, started by ``serve.py``.
"""

import tempfile
import time
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pyannote.audio.core.plda import PLDA
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.segmentation import PyanNet
from pyannote.audio.pipelines import SpeakerDiarization, speaker_verification
from speechbrain.inference import EncoderClassifier

# Source: config.yaml of pyannote/speaker-diarization-3.1, as is leaving overlap out of embeddings.
_SEGMENTATION_BATCH_SIZE = 32
# The pipeline's own default. The 32 of that file suits a GPU: it fills every stretch of speech up
# to the longest of its batch and computes silent speakers too, eight times the work of a CPU.
_EMBEDDING_BATCH_SIZE = 1
# Source: the same file. They were tuned with WeSpeaker's ResNet34; those of the last release with
# ECAPA (speaker-diarization@2.1) make more errors with this segmentation, see README.md.
_PARAMETERS = {
    "segmentation": {"min_duration_off": 0.0},
    "clustering": {
        "method": "centroid",
        "min_cluster_size": 12,
        "threshold": 0.7045654963945799,
    },
}


class _LocalEncoder:
    """Stands for SpeechBrain's encoder, which pyannote.audio 4.0 calls as an older one."""

    @staticmethod
    def from_hparams(source: str, savedir: str, **_: Any) -> EncoderClassifier:
        """Load from a folder; how to fetch from a hub, and a device object, are left out."""
        return EncoderClassifier.from_hparams(source, savedir=savedir, run_opts={"device": "cpu"})


def load(weights: Mapping[str, str]) -> Callable[[str], dict[str, Any]]:
    """The pipeline ready to run.

    Args:
        weights: folders of ``segmentation`` and ``embedding``.
    """
    speaker_verification.SpeechBrain_EncoderClassifier = _LocalEncoder
    with tempfile.TemporaryDirectory() as scratch:
        source = _speechbrain_folder(Path(weights["embedding"]), Path(scratch))
        pipeline = SpeakerDiarization(
            segmentation=_segmentation(Path(weights["segmentation"])),
            segmentation_batch_size=_SEGMENTATION_BATCH_SIZE,
            embedding=str(source),
            embedding_batch_size=_EMBEDDING_BATCH_SIZE,
            embedding_exclude_overlap=True,
            plda=PLDA.__new__(PLDA),  # asked for, but only VBx clustering looks at it
            clustering="AgglomerativeClustering",
            cache_dir=scratch,
        )
    pipeline.instantiate(_PARAMETERS)
    return lambda audio: _diarize(pipeline, audio)


def _diarize(pipeline: SpeakerDiarization, audio: str) -> dict[str, Any]:
    with wave.open(audio, "rb") as file:
        sample_rate = file.getframerate()
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    samples = torch.from_numpy(pcm.astype(np.float32) / 32768)
    began = time.perf_counter()
    found = pipeline({"waveform": samples[None], "sample_rate": sample_rate})
    spent = time.perf_counter() - began
    return {
        "segments": [
            {"start": segment.start, "end": segment.end, "speaker": speaker}
            for segment, _, speaker in found.speaker_diarization.itertracks(yield_label=True)
        ],
        "seconds": {"speakers": spent},
    }


def _segmentation(folder: Path) -> PyanNet:
    """The published network; the file says with which settings."""
    (checkpoint,) = folder.glob("*.pt")
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    settings = content["model"]
    network = PyanNet(sincnet=settings["sincnet"], lstm=settings["lstm"], linear=settings["linear"])
    network.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=content["inference"]["duration"],
        classes=[f"speaker#{number + 1}" for number in range(settings["num_regular_classes"])],
        powerset_max_classes=settings["powerset_max_classes"],
        permutation_invariant=True,
    )
    network.build()
    network.load_state_dict(content["state_dict"])
    return network.eval()


def _speechbrain_folder(weights: Path, scratch: Path) -> Path:
    """The embedding's files as SpeechBrain looks for them when no network may be asked.

    Its settings name a repository, and the list of training speakers by another suffix; and
    pyannote.audio knows SpeechBrain's models by that word in their address.
    """
    folder = scratch / "speechbrain-ecapa"
    folder.mkdir()
    for path in weights.glob("*.ckpt"):
        (folder / path.name).symlink_to(path)
    (folder / "label_encoder.txt").symlink_to(weights / "label_encoder.ckpt")
    settings = (weights / "hyperparams.yaml").read_text(encoding="utf-8")
    (folder / "hyperparams.yaml").write_text(
        settings.replace("speechbrain/spkrec-ecapa-voxceleb", str(folder)), encoding="utf-8"
    )
    return folder
