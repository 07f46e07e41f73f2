"""Opening, migrating and refusing databases."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.command import downgrade, upgrade
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine

import storage.database
from meeting_app.domain import Meeting, ProcessingOptions, SearchFilters, SpeakerCount
from meeting_app.domain.corrections import RenameSpeaker
from meeting_app.errors import DiskFullError, NewerDatabaseError, StorageError
from storage.database import Database
from storage.repository import DATABASE_NAME, Repository
from storage.tables import Base
from tests.builders import a_meeting
from tests.storage.conftest import correct


def _scalar(database: Database, statement: str) -> object:
    with database.reading() as session:
        return session.connection().exec_driver_sql(statement).scalar()


def _migrations(connection: Connection) -> Config:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(storage.database.__file__).parent / "migrations")
    )
    config.attributes["connection"] = connection
    return config


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "Ä #%? home" / "library.sqlite3"


def test_migrations_make_exactly_the_tables_of_the_models(path: Path) -> None:
    database = Database(path)
    options = {"include_name": lambda name, kind, _: not re.match("(turns|names)_fts", str(name))}
    with database.reading() as session:
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_migrations_can_be_taken_back(path: Path) -> None:
    database = Database(path)
    with database.writing() as session:
        downgrade(_migrations(session.connection()), "base")
    left = "SELECT group_concat(name) FROM sqlite_master WHERE type = 'table'"
    assert _scalar(database, left) == "alembic_version"
    database.close()


_FIRST_LIBRARY = """
INSERT INTO recordings VALUES ('ab', 5, 'wav', 'pcm_s16le', 3.0);
INSERT INTO jobs (
    id, meeting_id, recording_sha256, filename, title, language, min_speakers, max_speakers,
    asr_model, hotwords, state, num_attempts, is_cancel_requested, created_at
) VALUES (
    'j1', 'm1', 'ab', 'standup.wav', 'Standup', 'de', 2, 5,
    'whisper-small', '["Okafor"]', 'queued', 1, 0, '2026-01-02 03:04:05'
);
INSERT INTO job_drafts VALUES ('j1', 'half done');
"""


def test_a_library_of_the_first_revision_keeps_its_jobs(tmp_path: Path) -> None:
    path = tmp_path / DATABASE_NAME
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        upgrade(_migrations(connection), "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as first:
        first.executescript(_FIRST_LIBRARY)
        columns = first.execute("PRAGMA table_info(jobs)").fetchall()

    library = Repository.open(tmp_path)
    job = library.job("j1")
    assert job.options == ProcessingOptions("de", SpeakerCount(2, 5), "whisper-small", ("Okafor",))
    assert (job.meeting_id, job.created_at) == ("m1", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    claim = library.claim(lease=60.0, max_attempts=3)
    assert claim is not None
    assert (claim.job.id, claim.title, claim.draft) == ("j1", "Standup", "half done")
    library.close()

    database = Database(path)
    with database.writing() as session:
        downgrade(_migrations(session.connection()), "0001")
    database.close()
    with closing(sqlite3.connect(path)) as first:
        assert first.execute("PRAGMA table_info(jobs)").fetchall() == columns
        assert first.execute("SELECT body FROM job_drafts").fetchall() == [("half done",)]


def test_a_library_from_before_tags_voices_and_notices_keeps_its_meetings(
    repository: Repository, store: Callable[[Meeting], str], tmp_path: Path
) -> None:
    meeting_id = store(a_meeting())
    correct(repository, meeting_id, RenameSpeaker("SPEAKER_01", "Zoe"))
    before = repository.meeting(meeting_id)
    repository.close()
    database = Database(tmp_path / "home" / DATABASE_NAME)
    with database.writing() as session:
        downgrade(_migrations(session.connection()), "0003")
        session.connection().exec_driver_sql("SELECT * FROM corrections")
    database.close()

    library = Repository.open(tmp_path / "home")
    assert library.meeting(meeting_id) == before
    filters = SearchFilters(speaker="Zoe")
    assert [hit.turn_id for hit in library.search("notes", 9, filters)] == [1]
    assert library.search("ship", 9, filters) == ()
    library.tag([meeting_id], ["board"])
    assert library.search("notes", 9, SearchFilters(tags=("board",)))
    library.close()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2)]
)
def test_every_connection_is_prepared(path: Path, pragma: str, value: object) -> None:
    database = Database(path)
    assert _scalar(database, f"PRAGMA {pragma}") == value
    database.close()


def test_a_database_of_a_later_version_is_refused_and_left_alone(path: Path) -> None:
    Database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(
        NewerDatabaseError, match=r"revision 9999.*none after 0007.*install"
    ) as info:
        Database(path)
    assert str(path) in str(info.value)
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (address TEXT)")
    connection.close()
    with pytest.raises(StorageError, match=r"another program.*bookmarks"):
        Database(path)


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 500)
    with pytest.raises(StorageError, match="damaged"):
        Database(path)
    assert path.read_bytes() == b"not a database" * 500


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StorageError, match="MEETING_APP_HOME"):
        Database(tmp_path / "home" / "library.sqlite3")


def test_a_migration_that_fails_leaves_an_empty_database(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCutError(Exception):
        pass

    def upgrade_then_fail(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise PowerCutError

    monkeypatch.setattr(storage.database.command, "upgrade", upgrade_then_fail)
    with pytest.raises(PowerCutError):
        Database(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


@pytest.mark.slow
def test_processes_that_start_at_once_all_get_a_database(path: Path) -> None:
    script = (
        "import sys, pathlib; from storage.database import Database;"
        "Database(pathlib.Path(sys.argv[1])).close()"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", script, str(path)], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    errors = [process.communicate()[1] for process in starts]
    codes = [process.returncode for process in starts]
    assert (codes, errors) == ([0, 0], [b"", b""])


def _fill(database: Database) -> None:
    with database.writing() as session:
        connection = session.connection()
        size = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {size}")
        connection.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(10000000)")


def _lock(database: Database) -> None:
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with database.writing() as session:
            session.connection()
    finally:
        other.close()


def _break(database: Database) -> None:
    with database.writing() as session:
        session.connection().exec_driver_sql("SELECT * FROM nowhere")


@pytest.mark.parametrize(
    ("act", "kind", "message"),
    [
        (_fill, DiskFullError, "disk is full; free"),
        (_lock, StorageError, "locked by another program"),
        (_break, StorageError, "nowhere"),
    ],
)
def test_what_the_database_refuses_is_said_in_our_words(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Database], None],
    kind: type[StorageError],
    message: str,
) -> None:
    monkeypatch.setattr(storage.database, "_BUSY_TIMEOUT_MS", 50)
    database = Database(path)
    with pytest.raises(kind, match=message):
        act(database)
    database.close()
