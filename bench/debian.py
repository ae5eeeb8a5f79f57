"""How long the two commands take on a bare Debian 12: no python, make, git or node, only /bin/sh.

    sh dev bench debian [--keep FOLDER] [--test]

Needs root and debootstrap. Makes a ``minbase`` root, puts this checkout's committed files into it, runs ``sh dev run``
twice (ended as soon as it is ready) and, with ``--test``, ``sh dev test`` twice. Certificates and apt's settings of
this machine go along, because they belong to its network. Prints a table; downloads are not left out, but said apart.
"""

import argparse
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACE = "root/gongjian"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
READY = re.compile(r"准备（下载与安装）([\d.]+) 秒，启动 ([\d.]+) 秒")


def make_root(folder: Path) -> None:
    """A minimal Debian 12 with this checkout in a home folder of mode 0700."""
    subprocess.run(["debootstrap", "--variant=minbase", "bookworm", str(folder)], check=True, stdout=subprocess.DEVNULL)
    for name in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(name, folder / name[1:])
    for settings in Path("/etc/apt/apt.conf.d").glob("*"):
        if "Acquire" in settings.read_text(encoding="utf-8", errors="replace"):
            shutil.copy(settings, folder / "etc/apt/apt.conf.d" / f"host-{settings.name}")
    if Path(CERTIFICATES).exists():
        (folder / "etc/ssl/host").mkdir(parents=True)
        shutil.copy(CERTIFICATES, folder / "etc/ssl/host/certificates.crt")
    (folder / "root").chmod(0o700)
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder / PLACE)


@contextmanager
def mounted(folder: Path) -> Iterator[None]:
    """/proc and /dev inside the root, taken away again."""
    subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)
    subprocess.run(["mount", "--bind", "/dev", str(folder / "dev")], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder / "dev")], check=False)
        subprocess.run(["umount", str(folder / "proc")], check=False)


def start(folder: Path, command: str) -> subprocess.Popen[str]:
    """Starts a command in the checkout inside the root, with an environment of almost nothing."""
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "TERM": "dumb",
        "PIP_DEFAULT_TIMEOUT": "180",
    }
    if (folder / "etc/ssl/host").exists():
        environment |= {"SSL_CERT_FILE": "/etc/ssl/host/certificates.crt", "PIP_CERT": "/etc/ssl/host/certificates.crt"}
    return subprocess.Popen(
        ["chroot", str(folder), "/bin/sh", "-c", f"cd /{PLACE} && exec {command}"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def time_run(folder: Path) -> tuple[float, float]:
    """(seconds of downloads and set-up, seconds of the start) of one ``dev run``, as it says itself."""
    process = start(folder, "sh dev run")
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        found = READY.search(line)
        if found:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            return float(found.group(1)), float(found.group(2))
    raise SystemExit(said)


def time_test(folder: Path) -> tuple[float, str]:
    """(seconds, pytest's last line) of one ``dev test``."""
    began = time.monotonic()
    output, _ = start(folder, "env CI=true sh dev test -q").communicate()
    return time.monotonic() - began, output.strip().splitlines()[-1]


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="sh dev bench debian", description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="make the root there and leave it")
    parser.add_argument("--test", action="store_true", help="also time sh dev test")
    given = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        sys.exit("needs root and debootstrap")
    folder = given.keep or Path(tempfile.mkdtemp(prefix="gongjian-bare-"))
    if not (folder / "bin/sh").exists():
        make_root(folder)
    print(f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print("| command | downloads and set-up s | start s |")
    print("|---|---|---|")
    with mounted(folder):
        for which in ("first", "second"):
            set_up, begun = time_run(folder)
            print(f"| `sh dev run`, {which} time | {set_up:.1f} | {begun:.1f} |")
        for which in ("first", "second") if given.test else ():
            whole, said = time_test(folder)
            print(f"| `sh dev test`, {which} time | {whole:.0f} in all | {said} |")
    if given.keep is None:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
