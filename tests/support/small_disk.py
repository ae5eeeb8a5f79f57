"""A disk of a few megabytes of memory that really fills up: ENOSPC from the kernel, not from a mock."""

import errno
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHUNK = 1 << 20
PAGE = 4096


class NoSmallDisk(Exception):
    """This machine does not let us mount one; the text holds its words."""


class SmallDisk:
    """``folder`` is where it is mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not one page is left, until the end of the block."""
        with self._filler.open("wb", buffering=0) as file:
            for size in (CHUNK, PAGE):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
        try:
            yield
        finally:
            self._filler.unlink()


@contextmanager
def small_disk(*, megabytes: int) -> Iterator[SmallDisk]:
    """Mount one where everybody (PostgreSQL's user, too) may write; raises :class:`NoSmallDisk`."""
    folder = Path(tempfile.mkdtemp(prefix="gongjian-disk-", dir="/tmp"))
    options = f"size={megabytes}m,mode=1777"
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        folder.rmdir()
        raise NoSmallDisk(getattr(error, "stderr", "") or str(error)) from error
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()
