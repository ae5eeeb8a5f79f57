"""Files are kept whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from kernel.errors import NotFound, Unavailable
from kernel.storage import LocalFolder


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    return LocalFolder(tmp_path / "files")


def files_in(path: Path) -> list[Path]:
    return [entry for entry in path.rglob("*") if entry.is_file()]


def test_what_is_put_is_got_again_under_a_key_nobody_can_guess(folder: LocalFolder) -> None:
    first, second = folder.put(b"photo", suffix=".jpg"), folder.put(b"photo", suffix=".jpg")
    assert first != second
    assert first.endswith(".jpg")
    assert folder.get(first) == folder.get(second) == b"photo"


def test_a_file_larger_than_a_piece_is_kept_byte_for_byte(folder: LocalFolder, tmp_path: Path) -> None:
    data = os.urandom(2_500_000)
    (tmp_path / "large").write_bytes(data)
    key = folder.put_file(tmp_path / "large", suffix=".xlsx")
    assert folder.get(key) == data


def test_what_is_deleted_is_gone_and_deleting_again_is_fine(folder: LocalFolder) -> None:
    key = folder.put(b"photo", suffix=".jpg")
    folder.delete(key)
    folder.delete(key)
    with pytest.raises(NotFound):
        folder.get(key)


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "/etc/passwd", "ab/../../x.jpg", "ab/cd.jpg"])
def test_a_key_is_never_a_way_out_of_the_folder(folder: LocalFolder, key: str) -> None:
    with pytest.raises(NotFound):
        folder.get(key)
    with pytest.raises(NotFound):
        folder.delete(key)


def test_a_damaged_file_is_noticed_and_not_served(folder: LocalFolder, tmp_path: Path) -> None:
    key = folder.put(b"photo", suffix=".jpg")
    (tmp_path / "files" / key).write_bytes(b"phot0")
    with pytest.raises(Unavailable, match="file-damaged"):
        folder.get(key)


def test_a_full_disk_is_said_in_words_and_leaves_nothing_behind(
    folder: LocalFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable) as caught:
        folder.put(b"photo", suffix=".jpg")
    assert caught.value.code == "no-room"
    assert "已满" in caught.value.detail
    assert files_in(tmp_path) == []


def test_a_suffix_that_is_none_is_a_mistake_of_the_program(folder: LocalFolder) -> None:
    with pytest.raises(ValueError):
        folder.put(b"photo", suffix="/../x")
