"""Empty libraries, made once and copied: the migrations take twenty times as long as a copy."""

import tempfile
from functools import cache
from pathlib import Path

from storage.repository import DATABASE_NAME, Repository


def empty_library(home: Path) -> Repository:
    """The library in the folder ``home``, which holds nothing yet, as opening it there makes it."""
    home.mkdir(parents=True, exist_ok=True)
    (home / DATABASE_NAME).write_bytes(_an_empty_database())
    return Repository.open(home)


@cache
def _an_empty_database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        Repository.open(Path(folder)).close()
        return (Path(folder) / DATABASE_NAME).read_bytes()
