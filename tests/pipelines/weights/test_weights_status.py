import os

import pytest

from meeting_app.errors import OfflineError
from pipelines.weights.store import WeightsStore


def test_verify_finds_a_damaged_file_and_the_next_get_repairs_it(published, store, contents):
    folder = store.get("toy")
    weights = folder / "nested/model.bin"
    before = weights.stat()
    weights.write_bytes(bytes(before.st_size))
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))

    found = store.verify("toy")

    assert found.damaged == ("nested/model.bin",)
    assert not found.is_present
    assert contents(store.get("toy")) == published.files
    assert store.verify("toy").is_present


def test_damaged_file_is_named_offline(published, store, cache, toy):
    (store.get("toy") / "config.json").write_text("[]")

    with pytest.raises(OfflineError, match="is damaged"):
        WeightsStore(cache, offline=True, catalogue=toy.catalogue).get("toy")


def test_status_tells_missing_from_present(published, store, toy):
    (before,) = store.status()
    store.get("toy")
    (after,) = store.status()

    assert (before.is_present, before.missing, before.size_on_disk) == (
        False,
        ("config.json", "nested/model.bin"),
        0,
    )
    assert (after.is_present, after.size_on_disk) == (True, 400_002)
    assert after.entry.size == 400_002


def test_embedded_lists_the_default_set(store):
    assert store.embedded() == ("toy",)
