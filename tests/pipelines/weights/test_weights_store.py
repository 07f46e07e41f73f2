import hashlib
import shutil
import stat
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from meeting_app.errors import (
    HashMismatchError,
    NetworkError,
    NoSpaceError,
    OfflineError,
    UnknownModelError,
    WeightsError,
)
from pipelines.weights.store import WeightsStore

ONE = "toy_one-1.0-py3-none-any.whl"
TWO = "toy_two-1.0-py3-none-any.whl"


def part(cache, filename):
    return cache / ".partial" / "toy" / f"{filename}.part"


def leftovers(cache):
    """What a pull left in the cache beside the model and the locks."""
    return [path for name in (".partial", ".staging") for path in (cache / name).rglob("*")]


@pytest.mark.parametrize("is_html", [False, True])
def test_pull_gives_the_promised_files_and_nothing_else(index, published, store, contents, is_html):
    index.is_html = is_html

    folder = store.get("toy")

    assert contents(folder) == published.files


def test_pull_leaves_no_scraps_and_writes_nothing_outside_the_cache(
    published, store, cache, tmp_path
):
    store.get("toy")

    assert leftovers(cache) == []
    assert not list(tmp_path.rglob("evil.txt"))


def test_present_model_needs_no_network(index, published, store):
    store.get("toy")
    index.requests.clear()

    store.get("toy")

    assert index.requests == []


def test_present_model_is_not_hashed_again(published, store, monkeypatch):
    store.get("toy")

    def refuse(path):
        raise AssertionError(f"{path} was hashed again")

    monkeypatch.setattr("pipelines.weights.manifest.hash_file", refuse)
    store.get("toy")


def test_present_model_is_used_without_writing(published, store, cache):
    folder = store.get("toy")
    everything = [cache, *cache.rglob("*")]
    before = {path: path.stat().st_mtime_ns for path in everything}
    for path in everything:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        assert store.get("toy") == folder
        assert {path: path.stat().st_mtime_ns for path in [cache, *cache.rglob("*")]} == before
    finally:
        for path in everything:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_verified_model_is_used_where_that_cannot_be_noted(toy, cache, store):
    for name, body in toy.files.items():
        (cache / "toy" / name).parent.mkdir(parents=True, exist_ok=True)
        (cache / "toy" / name).write_bytes(body)
    (cache / "toy" / ".verified.json").mkdir()  # stands in for a folder that refuses the note

    assert store.get("toy") == cache / "toy"


def test_copied_model_folder_is_used_after_hashing(published, store, toy, tmp_path, contents):
    copied = tmp_path / "copied"
    shutil.copytree(store.get("toy"), copied / "toy", copy_function=shutil.copyfile)

    folder = WeightsStore(copied, offline=True, catalogue=toy.catalogue).get("toy")

    assert contents(folder) == toy.files


def test_progress_rises_to_the_total(published, store):
    seen = []

    store.get("toy", seen.append)

    counts = [each.num_bytes for each in seen]
    total = sum(len(body) for body in published.wheels.values())
    assert counts == sorted(counts)
    assert counts[-1] == total == seen[-1].total_bytes
    assert {each.file for each in seen} == {ONE, TWO}
    assert {each.model for each in seen} == {"toy"}


def test_broken_connection_is_resumed_within_one_pull(index, published, store, contents):
    index.num_bytes_before_cut = 200_000

    folder = store.get("toy")

    first, second = index.ranges(ONE)
    assert first is None
    assert 0 < int(second.removeprefix("bytes=").rstrip("-")) <= 200_000
    assert contents(folder) == published.files


def test_server_without_range_starts_over(index, published, store, contents):
    index.has_range = False
    index.num_bytes_before_cut = 200_000

    folder = store.get("toy")

    assert len(index.ranges(ONE)) == 2
    assert contents(folder) == published.files


def test_stale_partial_file_is_thrown_away(index, published, store, cache, contents):
    stale = part(cache, ONE)
    stale.parent.mkdir(parents=True)
    stale.write_bytes(b"of another day" * 1000)

    folder = store.get("toy")

    assert index.ranges(ONE) == ["bytes=14000-", None]
    assert contents(folder) == published.files


def test_partial_file_longer_than_promised_is_thrown_away(index, published, store, cache, contents):
    stale = part(cache, ONE)
    stale.parent.mkdir(parents=True)
    stale.write_bytes(bytes(500_000))

    assert contents(store.get("toy")) == published.files


@pytest.mark.slow
def test_pull_that_was_killed_half_way_is_resumed(
    index, published, cache, toy, contents, start_pull
):
    index.delay = 0.05
    process = start_pull()
    deadline = time.monotonic() + 60
    while not (part(cache, ONE).exists() and part(cache, ONE).stat().st_size >= 65536):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    kept = part(cache, ONE).stat().st_size
    index.delay = 0.0
    index.requests.clear()

    store = WeightsStore(cache, catalogue=toy.catalogue)
    assert not store.status()[0].is_present
    folder = store.get("toy")

    assert index.ranges(ONE) == [f"bytes={kept}-"]
    assert contents(folder) == published.files


@pytest.mark.slow
def test_two_processes_pull_once(index, published, cache, contents, start_pull):
    index.delay = 0.05
    processes = [start_pull() for _ in range(2)]

    folders = {process.communicate(timeout=60)[0].decode().strip() for process in processes}

    assert [process.returncode for process in processes] == [0, 0]
    assert folders == {str(cache / "toy")}
    assert len(index.ranges(ONE)) == len(index.ranges(TWO)) == 1
    assert contents(cache / "toy") == published.files


def test_four_threads_pull_once(index, published, store, cache, contents):
    index.delay = 0.01
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(store.get, ["toy"] * 4))

    assert folders == [cache / "toy"] * 4
    assert len(index.ranges(ONE)) == len(index.ranges(TWO)) == 1
    assert contents(cache / "toy") == published.files


def test_busy_server_is_asked_again(index, published, store, contents):
    index.num_busy_answers = 1

    assert contents(store.get("toy")) == published.files


def test_wrong_bytes_are_refused_and_not_kept(index, published, store, cache):
    index.files[f"/files/{ONE}"] = bytes(len(published.wheels[ONE]))

    with pytest.raises(HashMismatchError, match=r"toy_one.*was promised"):
        store.get("toy")

    assert not (cache / "toy").exists()
    assert leftovers(cache) == [cache / ".partial" / "toy"]


def test_right_wheel_with_wrong_member_is_refused(published, cache, store):
    good = hashlib.sha256(b"{}").hexdigest()
    text = published.catalogue_path.read_text().replace(good, "0" * 64)
    published.catalogue_path.write_text(text)

    with pytest.raises(HashMismatchError, match=r"config\.json"):
        WeightsStore(cache, catalogue=published.catalogue).get("toy")

    assert not (cache / "toy").exists()


def test_longer_file_than_promised_is_refused_before_it_fills_the_disk(index, published, store):
    index.files[f"/files/{ONE}"] = bytes(5_000_000)

    with pytest.raises(HashMismatchError, match="longer than"):
        store.get("toy")


def test_index_that_lists_another_hash_is_refused_without_a_download(index, toy, store):
    index.publish("toy-one", ONE, toy.wheels[ONE], sha256="0" * 64)

    with pytest.raises(HashMismatchError, match="0" * 64):
        store.get("toy")

    assert index.ranges(ONE) == []


def test_good_bytes_are_taken_after_bad_ones(index, published, store, contents):
    good = index.files[f"/files/{ONE}"]
    index.files[f"/files/{ONE}"] = bytes(len(good))
    with pytest.raises(HashMismatchError):
        store.get("toy")
    index.files[f"/files/{ONE}"] = good

    assert contents(store.get("toy")) == published.files


def test_no_network_names_every_source_and_what_to_do(closed_port, toy, cache):
    store = WeightsStore(cache, catalogue=toy.catalogue)

    with pytest.raises(NetworkError) as caught:
        store.get("toy")

    message = str(caught.value)
    assert "toy-one==1.0 + toy-two==1.0" in message
    assert f"{closed_port}/: no connection" in message
    assert "PIP_INDEX_URL" in message


def test_secrets_of_the_index_address_are_not_told(index, toy, store, monkeypatch):
    address = index.address.replace("http://", "http://user:secret@")
    monkeypatch.setenv("PIP_INDEX_URL", f"{address}/simple")

    with pytest.raises(NetworkError) as caught:
        store.get("toy")

    assert "no project toy-one" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_certificate_file_that_is_not_there_is_named(published, store, monkeypatch):
    monkeypatch.setenv("PIP_CERT", "/no/such/file.pem")

    with pytest.raises(NetworkError, match=r"/no/such/file\.pem: no such file"):
        store.get("toy")


def test_file_that_the_index_does_not_list_is_named(index, toy, store):
    index.publish("toy-one", "toy_one-2.0-py3-none-any.whl", b"")

    with pytest.raises(NetworkError, match=f"no file {ONE}"):
        store.get("toy")


def test_server_error_is_told_by_its_number(index, published, store):
    del index.files[f"/files/{ONE}"]

    with pytest.raises(NetworkError, match="404"):
        store.get("toy")


@pytest.mark.usefixtures("no_sockets")
def test_offline_opens_no_socket_and_names_the_command(toy, cache):
    store = WeightsStore(cache, offline=True, catalogue=toy.catalogue)

    with pytest.raises(OfflineError, match="meeting-app models pull toy"):
        store.get("toy")
    store.verify("toy")
    store.status()


def test_offline_uses_what_is_present(published, store, cache, toy, request):
    folder = store.get("toy")
    request.getfixturevalue("no_sockets")

    assert WeightsStore(cache, offline=True, catalogue=toy.catalogue).get("toy") == folder


def test_too_little_space_is_told_before_anything_is_fetched(
    index, published, store, cache, monkeypatch
):
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 10**6)
    monkeypatch.setattr("pipelines.weights.pull.shutil.disk_usage", lambda folder: usage)

    with pytest.raises(NoSpaceError, match="1 MB are free"):
        store.get("toy")

    assert index.requests == []
    assert not (cache / "toy").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_disk_that_fills_up_gives_its_own_error_and_a_sound_cache(
    published, store, cache, contents
):
    full = part(cache, ONE)
    full.parent.mkdir(parents=True)
    full.symlink_to("/dev/full")

    with pytest.raises(NoSpaceError, match="MEETING_APP_WEIGHTS_CACHE"):
        store.get("toy")

    assert not (cache / "toy").exists()
    full.unlink()
    assert contents(store.get("toy")) == published.files


def test_cache_that_is_a_file_is_told(published, toy, tmp_path):
    (tmp_path / "file").write_text("")
    store = WeightsStore(tmp_path / "file" / "cache", catalogue=toy.catalogue)

    with pytest.raises(WeightsError, match="a folder you own"):
        store.get("toy")


def test_unknown_model_offers_the_nearest_name(store):
    with pytest.raises(UnknownModelError, match="did you mean toy"):
        store.get("toi")


def test_report_that_raises_ends_the_pull_and_keeps_what_came(published, store, cache):
    def cancel(progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.get("toy", cancel)

    assert part(cache, ONE).stat().st_size > 0
    assert not (cache / ".staging" / "toy").exists()
