"""Which package index the user has chosen, by the settings that pip and uv read."""

import configparser
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """The user's choice; None leaves it to the library."""

    url: str | None = None
    certificate: str | None = None  # file of certificate authorities


def index_settings(environ: Mapping[str, str] = os.environ) -> IndexSettings:
    """The variables of uv, then of pip, then pip's configuration files.

    Source: the precedence that pip's user guide and uv's reference document.
    """
    files = _pip_configuration(environ)
    url = (
        environ.get("UV_DEFAULT_INDEX")
        or environ.get("UV_INDEX_URL")
        or environ.get("PIP_INDEX_URL")
        or files.get("index-url")
    )
    return IndexSettings(
        url=re.sub(r"^[\w.-]+=", "", url) if url else None,  # uv allows NAME=ADDRESS
        certificate=environ.get("PIP_CERT") or files.get("cert"),
    )


def _pip_configuration(environ: Mapping[str, str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for path in _pip_files(environ):
        # No interpolation: a percent sign is common in passwords.
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # pip itself will tell the user; here the next file may do
        for section in ("global", "install"):
            if parser.has_section(section):
                settings |= dict(parser.items(section))
    return settings


def _pip_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """From the weakest to the strongest."""
    chosen = environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return
    name = "pip.ini" if sys.platform == "win32" else "pip.conf"
    folders = PlatformDirs("pip", appauthor=False, roaming=True, multipath=True)
    for folder in reversed(folders.site_config_dir.split(os.pathsep)):
        yield Path(folder, name)
    if sys.platform != "win32":
        yield Path("/etc", name)
    home = Path.home()
    yield home / ("pip" if sys.platform == "win32" else ".pip") / name
    yield home / ".config" / "pip" / name
    yield Path(folders.user_config_dir, name)
    yield Path(sys.prefix, name)
    if chosen:
        yield Path(chosen)
