"""The database file: opened, migrated and guarded; transactions are taken here."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from filelock import FileLock
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from meeting_app.errors import DiskFullError, NewerDatabaseError, StorageError

_BUSY_TIMEOUT_MS = 20_000  # far above the longest write, that of a four-hour meeting
_MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A library's database. Threads and processes may share the file."""

    def __init__(self, path: Path) -> None:
        """Opens ``path``, made if absent, and brings it up to the present revision.

        Raises:
            NewerDatabaseError: a later version of this program wrote it.
            StorageError: it is not a library, or cannot be opened.
            DiskFullError: there is no room for it.
        """
        self.path = path
        self._engine = _engine(path)
        # A reader must not hold the write lock; a writer must take it at once, because a
        # transaction that begins by reading cannot wait for the lock later.
        self._writer = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        try:
            with self._errors(), _alone(path):
                _migrate(self._writer, path)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._errors(), Session(self._engine, autoflush=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that is committed at the end, or rolled back by an exception."""
        with self._errors(), Session(self._writer) as session, session.begin():
            yield session

    def compact(self) -> None:
        """Writes the file anew, so that nothing that was deleted is left in its free pages.

        Raises:
            StorageError: another program holds the file; what was deleted stays deleted.
            DiskFullError: there is no room for the copy.
        """
        with self._errors():
            raw = self._engine.raw_connection()
            try:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log holds old pages too
            except sqlite3.Error as error:
                raise _translated(DBAPIError("VACUUM", None, error), self.path) from error
            finally:
                raw.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._engine.dispose()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise _translated(error, self.path) from error


def _engine(path: Path) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": _BUSY_TIMEOUT_MS / 1000},
        json_serializer=_compact_json,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    # Python's driver would begin transactions by itself, and not before every statement.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL, not NORMAL: what a user was told is stored survives a power cut. There are a
    # handful of commits a second at most, so the extra flush costs nothing one can feel.
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _compact_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Of two processes that start at once the second waits until the first is ready."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(path.name + ".lock"))
        lock.acquire()
    except OSError as error:
        raise StorageError(
            f"{path.parent}: cannot be used ({error.strerror}); check its rights, or choose "
            "another folder with MEETING_APP_HOME"
        ) from error
    try:
        yield
    finally:
        lock.release()


def _migrate(engine: Engine, path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    if _is_current(engine, scripts, path):
        return
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_current(engine: Engine, scripts: ScriptDirectory, path: Path) -> bool:
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
        if found is None:
            _refuse_stranger(connection, path)
    known = {script.revision for script in scripts.walk_revisions()}
    if found is not None and found not in known:
        raise NewerDatabaseError(
            f"{path}: revision {found}, but this version knows none after "
            f"{scripts.get_current_head()}; install the latest meeting-app, or choose another "
            "folder with MEETING_APP_HOME"
        )
    return found == scripts.get_current_head()


def _refuse_stranger(connection: Connection, path: Path) -> None:
    names = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version'"
    ).scalars()
    if strangers := sorted(names):
        raise StorageError(
            f"{path}: holds tables of another program ({strangers[0]}); choose another folder "
            "with MEETING_APP_HOME"
        )


def _translated(error: DBAPIError, path: Path) -> StorageError:
    cause = error.orig
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        return StorageError(f"{path}: {cause}; look at the log")
    match code & 0xFF:  # the low byte is the primary code
        case sqlite3.SQLITE_FULL:
            return DiskFullError(f"{path}: the disk is full; free some space and try again")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StorageError(f"{path}: locked by another program; close it and try again")
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return StorageError(
                f"{path}: damaged, or not a database ({cause}); restore it from a backup, or "
                "choose another folder with MEETING_APP_HOME"
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StorageError(
                f"{path}: cannot be written ({cause}); check the rights of file and folder"
            )
        case _:
            return StorageError(f"{path}: {cause}; check disk and file")
