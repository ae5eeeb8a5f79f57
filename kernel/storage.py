"""Where photos, signatures and finished files lie: a port, and a local folder behind it.

A key is random, so it cannot be guessed, and carries the hash of the content, so a damaged file is noticed when read.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from kernel.errors import NotFound, Unavailable

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
PIECE_BYTES = 1 << 20
_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}-[0-9a-f]{32}\.[a-z0-9]{1,8}")


class Store(Protocol):
    """What every store can do. Keys are opaque to callers; a store out of order raises ``Unavailable``."""

    def put(self, data: bytes, *, suffix: str) -> str:
        """Keep ``data`` for good before returning its new key. ``suffix`` like ``".jpg"``."""

    def put_file(self, source: Path, *, suffix: str) -> str:
        """Keep a file of any size for good before returning its new key; a piece of it in memory at a time."""

    def get(self, key: str) -> bytes:
        """The bytes kept under ``key``; ``NotFound`` if there are none."""

    def pieces(self, key: str) -> Iterator[bytes]:
        """The same in pieces, for files of any size; damage is found before the first piece is given."""

    def delete(self, key: str) -> None:
        """Forget ``key``; twice is as good as once."""


class LocalFolder:
    """A folder of this machine: written aside, flushed, then moved into place, so a crash leaves no half file."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes, *, suffix: str) -> str:
        """See :class:`Store`. A full disk is ``Unavailable`` and leaves nothing behind."""
        return self._keep([data], _digest(data), suffix)

    def put_file(self, source: Path, *, suffix: str) -> str:
        """See :class:`Store`. Read twice: its hash is part of its name."""
        whole = hashlib.sha256()
        for piece in _pieces(source):
            whole.update(piece)
        return self._keep(_pieces(source), whole.hexdigest()[:32], suffix)

    def _keep(self, pieces: Iterable[bytes], digest: str, suffix: str) -> str:
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError("a suffix like .jpg")
        name = secrets.token_hex(16)
        key = f"{name[:2]}/{name}-{digest}{suffix}"
        place = self._root / key
        aside = place.with_name(f".{place.name}.part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("xb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            aside.rename(place)
            _flush_folder(place.parent)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise _unavailable(error) from None
        return key

    def get(self, key: str) -> bytes:
        """See :class:`Store`. A file whose bytes no longer match their hash is ``Unavailable``, never served."""
        try:
            data = self._path(key).read_bytes()
        except FileNotFoundError:
            raise NotFound("file-not-found", "没有找到这个文件。") from None
        except OSError as error:
            raise _unavailable(error) from None
        if _digest(data) != key.rpartition("-")[2].partition(".")[0]:
            raise Unavailable("file-damaged", "这个文件已损坏，请联系社区工作人员。")
        return data

    def pieces(self, key: str) -> Iterator[bytes]:
        """See :class:`Store`. Read twice: once against the hash in its name, once to be given."""
        path, whole = self._path(key), hashlib.sha256()
        try:
            for piece in _pieces(path):
                whole.update(piece)
        except FileNotFoundError:
            raise NotFound("file-not-found", "没有找到这个文件。") from None
        except OSError as error:
            raise _unavailable(error) from None
        if whole.hexdigest()[:32] != key.rpartition("-")[2].partition(".")[0]:
            raise Unavailable("file-damaged", "这个文件已损坏，请联系社区工作人员。")
        return _pieces(path)

    def delete(self, key: str) -> None:
        """See :class:`Store`."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise _unavailable(error) from None

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise NotFound("file-not-found", "没有找到这个文件。")
        return self._root / key


_store: Store | None = None


def configure(store_: Store) -> None:
    """Set this process's store. Called once, by the app factory."""
    global _store
    _store = store_


def store() -> Store:
    """The store of this process; a ``RuntimeError`` before :func:`configure`."""
    if _store is None:
        raise RuntimeError("kernel.storage.configure was not called")
    return _store


def _pieces(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


def _flush_folder(folder: Path) -> None:
    # Without this a power cut may forget the new name although the bytes are on the disk.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unavailable(error: OSError) -> Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable("no-room", "服务器存储空间已满，您填写的内容还在手机上。请稍后再试，或联系社区工作人员。")
    return Unavailable("storage-unavailable", "文件暂时存取不了，请稍后再试。")
