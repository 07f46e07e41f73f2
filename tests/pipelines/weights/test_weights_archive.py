import io
import tarfile
import zipfile

import pytest

from meeting_app.errors import WeightsError
from pipelines.weights.archive import append_member


@pytest.fixture
def sdist(tmp_path):
    """A .tar.gz with a plain member, one that climbs out, and a link to a secret."""
    path = tmp_path / "toy-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name in ("toy-1.0/model.bin", "../evil"):
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, io.BytesIO(b"data"))
        link = tarfile.TarInfo("toy-1.0/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path


def test_members_are_joined_in_the_order_they_are_appended(sdist, tmp_path):
    target = tmp_path / "out/model.bin"

    append_member(sdist, "toy-1.0/model.bin", target, max_size=4)
    append_member(sdist, "toy-1.0/model.bin", target, max_size=4)

    assert target.read_bytes() == b"datadata"


def test_member_that_climbs_out_is_written_where_the_catalogue_says(sdist, tmp_path):
    target = tmp_path / "a/b/model.bin"

    append_member(sdist, "../evil", target, max_size=4)

    assert target.read_bytes() == b"data"
    assert not list(tmp_path.rglob("evil"))


def test_link_is_refused(sdist, tmp_path):
    with pytest.raises(WeightsError, match="not a plain file"):
        append_member(sdist, "toy-1.0/link", tmp_path / "out", max_size=100)


def test_missing_member_is_named(sdist, tmp_path):
    with pytest.raises(WeightsError, match=r"holds no toy-1\.0/other"):
        append_member(sdist, "toy-1.0/other", tmp_path / "out", max_size=100)


def test_bomb_is_refused_at_the_promised_size(tmp_path):
    path = tmp_path / "bomb.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.bin", bytes(50_000_000))
    target = tmp_path / "out"

    with pytest.raises(WeightsError, match="more than 1000 bytes"):
        append_member(path, "model.bin", target, max_size=1000)

    assert target.stat().st_size <= 1000


@pytest.mark.parametrize("name", ["broken.whl", "broken.tar.gz"])
def test_broken_archive_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"no archive at all")

    with pytest.raises(WeightsError, match=f"{name}: is not a readable archive"):
        append_member(tmp_path / name, "model.bin", tmp_path / "out", max_size=4)
