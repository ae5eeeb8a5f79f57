"""``sh dev run`` as a newcomer meets it: it starts everything, says where, and leaves nothing behind."""

import os
import signal
import stat
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.support.live import free_port
from tests.support.needs import cannot_run

START_TIMEOUT_S = 300


@dataclass
class Run:
    """One ``dev run`` with data of its own."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    sandbox_port: int
    card: str

    def get(self, path: str, port: int | None = None) -> int:
        """The status of a page; 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port or self.port}{path}", timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def processes(self) -> list[int]:
        """Every process that works on this run's data."""
        mark = f"VAR_DIR={self.folder}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found


def _environment(folder: Path, port: int, sandbox_port: int, host: str = "127.0.0.1") -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "SSL_CERT_FILE"}}
    return {**kept, "VAR_DIR": str(folder), "HOST": host, "PORT": str(port), "SANDBOX_PORT": str(sandbox_port)}


def _start(root: Path, folder: Path, host: str = "127.0.0.1") -> Run:
    """Starts and reads the card to its last line; fails with what was printed instead."""
    port, sandbox_port = free_port(), free_port()
    with (folder.parent / f"{folder.name}-errors").open("w") as errors:
        process = subprocess.Popen(
            ["sh", str(root / "dev"), "run"],
            env=_environment(folder, port, sandbox_port, host),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert process.stdout is not None
    watchdog = time.monotonic() + START_TIMEOUT_S
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line or time.monotonic() > watchdog:
            break
    card = "".join(lines)
    if "Ctrl-C" not in card:
        process.terminate()
        process.wait(120)
        process.stdout.close()
        pytest.fail(card + (folder.parent / f"{folder.name}-errors").read_text(), pytrace=False)
    return Run(process, folder, port, sandbox_port, card)


def _end(run: Run, number: int = signal.SIGTERM) -> None:
    if run.process.poll() is None:
        run.process.send_signal(number)
        run.process.wait(120)
    if run.process.stdout is not None:
        run.process.stdout.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    if not (root / ".venv" / "bin" / "python").exists():
        cannot_run("sh dev test makes .venv; without it this test would download everything")
    return tmp_path_factory.mktemp("devrun") / "var"


@pytest.fixture(scope="module")
def run(folder: Path, root: Path) -> Iterator[Run]:
    started = _start(root, folder)
    yield started
    _end(started)


def test_it_starts_everything_and_says_where_each_role_begins(run: Run) -> None:
    assert run.get("/health") == 200
    assert run.get("/ready") == 200
    assert run.get("/", run.sandbox_port) == 200
    for role in ("居民", "工作人员", "组长", "市"):
        assert role in run.card, run.card
    assert f"http://127.0.0.1:{run.port}/" in run.card
    assert "启动" in run.card


def test_the_addresses_on_the_card_open(run: Run) -> None:
    addresses = [word for word in run.card.split() if word.startswith(f"http://127.0.0.1:{run.port}")]
    assert len(addresses) >= 4, run.card
    for address in addresses:
        assert run.get(address.removeprefix(f"http://127.0.0.1:{run.port}")) == 200, address


def test_its_secrets_are_random_and_for_the_owner_only(run: Run) -> None:
    settings = run.folder / "dev.env"
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600
    values = [line.partition("=")[2] for line in settings.read_text().splitlines()]
    assert len(values) == len(set(values)) >= 4
    assert all(len(value) >= 40 for value in values)


def test_a_second_one_on_the_same_port_says_so_in_one_sentence(run: Run, root: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", str(root / "dev"), "run"],
        env=_environment(tmp_path / "var", run.port, run.sandbox_port),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert f"端口 {run.port} 已被占用" in done.stderr
    assert run.get("/health") == 200


def _scan(text: str) -> list[str]:
    """What a phone reads off a code drawn with half blocks; a drawn half is light, as on a dark terminal."""
    halves = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255), "\xa0": (0, 0)}
    rows = [line for line in text.splitlines() if line and set(line) <= set(halves)]
    width = max(map(len, rows))
    picture = Image.new("L", (width, 2 * len(rows)), 255)
    for y, row in enumerate(rows):
        for x, mark in enumerate(row):
            for half in (0, 1):
                picture.putpixel((x, 2 * y + half), halves[mark][half])
    return [code.text for code in zxingcpp.read_barcodes(picture.resize((8 * width, 16 * len(rows))))]


@pytest.mark.parametrize(("number", "host"), [(signal.SIGTERM, "127.0.0.1"), (signal.SIGINT, "0.0.0.0")])
def test_stopping_it_ends_every_process_it_started(run: Run, root: Path, folder: Path, number: int, host: str) -> None:
    """Runs last in this file; the second start finds everything made already. Open to the network, it shows a code."""
    _end(run)
    again = _start(root, folder, host)
    if host == "0.0.0.0":
        (address,) = _scan(again.card)
        assert f":{again.port}/h/" in address
        assert address in again.card
    assert len(again.processes()) >= 4
    _end(again, number)
    assert again.process.returncode == 0
    assert again.processes() == []
    assert again.get("/health") == 0
    assert again.get("/", again.sandbox_port) == 0
