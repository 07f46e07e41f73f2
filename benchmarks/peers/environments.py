"""An environment of its own for each program, made once by uv from locked requirements."""

import hashlib
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers.errors import PeerUnavailableError
from benchmarks.peers.programs import Program
from pipelines.weights.index import index_settings

logger = logging.getLogger(__name__)

_STAMP = "made-from"  # written last, so that half an environment is never taken for one


def python_of(program: Program, cache: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """The interpreter of the environment, which is made or made anew where it must be.

    Args:
        program: whose requirements it holds.
        cache: folder of all environments.
        environ: where uv and the settings of the package index are looked for.

    Raises:
        PeerUnavailableError: uv is missing, or cannot install what is required.
    """
    folder = cache / program.name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp, wanted = folder / _STAMP, _state(program)
    if python.exists() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    uv = _uv(environ)
    logger.warning("%s: installing into %s", program.name, folder)
    _run(program, environ, uv, "venv", "--clear", "--python", sys.executable, str(folder))
    _run(
        program,
        environ,
        *(uv, "pip", "install", "--python", str(python)),
        *("--require-hashes", "-r", str(program.requirements)),
    )
    stamp.write_text(wanted, encoding="utf-8")
    return python


def _state(program: Program) -> str:
    requirements = hashlib.sha256(program.requirements.read_bytes()).hexdigest()
    return f"{requirements} for Python {sys.version_info.major}.{sys.version_info.minor}\n"


def _uv(environ: Mapping[str, str]) -> str:
    beside = Path(sys.executable).parent
    search = os.pathsep.join((str(beside), environ.get("PATH", "")))
    found = shutil.which("uv", path=search)
    if found is None:
        raise PeerUnavailableError(
            f"uv: neither in {beside} nor on the PATH; run `make install`, which puts it there"
        )
    return found


def _run(program: Program, environ: Mapping[str, str], *command: str) -> None:
    settings = dict(environ)
    # uv does not read pip's settings; this is the index that pip would ask.
    url = index_settings(environ).url
    if url is not None:
        settings["UV_DEFAULT_INDEX"] = url
    # Otherwise uv would install into the environment that is active.
    settings.pop("VIRTUAL_ENV", None)
    ended = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        last = ended.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise PeerUnavailableError(
            f"{program.name}: `uv {command[1]}` failed ({last[0].strip()}); "
            f"see whether the package index has what {program.requirements.name} names"
        )
