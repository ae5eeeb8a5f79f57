"""The whole product running, for stories: sandbox, application under gunicorn, job runner, on free loopback ports.

What ``sh dev run`` starts, with a folder of data of its own. Everything is ended by process id.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_TIMEOUT_S = 300
STOP_TIMEOUT_S = 60
DEMO_ARGUMENTS = ("demo", "seed", "--if-empty")


class NotStarted(Exception):
    """A part did not come up; the text holds the end of its log."""


def free_port() -> int:
    """A TCP port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def development_secrets() -> dict[str, str]:
    """Random keys, as ``dev`` makes them."""
    return {name: secrets.token_urlsafe(32) for name in ("SECRET_KEY", "VAULT_KEY", "INDEX_KEY", "AUDIT_SIGNING_KEY")}


class Live:
    """The product as a visitor meets it.

    ``folder``: where its data and logs go. ``database_url``: None is SQLite in ``folder``. ``workers``: gunicorn's.
    After :meth:`start`: ``url`` of the application, ``sandbox_url`` of the WeChat sandbox, ``environment`` of both.
    """

    def __init__(
        self,
        folder: Path,
        *,
        database_url: str | None = None,
        workers: int = 1,
        demo: Sequence[str] = DEMO_ARGUMENTS,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.workers = workers
        self.demo = list(demo)
        port, sandbox_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.sandbox_url = f"http://127.0.0.1:{sandbox_port}"
        self.port, self.sandbox_port = port, sandbox_port
        keys = folder / "keys"
        self.environment = {
            **os.environ,
            **development_secrets(),
            "ENVIRONMENT": "development",
            "VAR_DIR": str(folder),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "SANDBOX_PORT": str(sandbox_port),
            "SANDBOX_URL": self.sandbox_url,
            "SANDBOX_KEYS_DIR": str(keys),
            "SANDBOX_PERSONAS": str(folder / "sandbox" / "personas.json"),
            "PUBLIC_BASE_URL": self.url,
            "WEB_CONCURRENCY": str(workers),
            "PYTHONUNBUFFERED": "1",
            **(environment or {}),
        }
        self.environment.pop("DATABASE_URL", None)
        if database_url is not None:
            self.environment["DATABASE_URL"] = database_url
        self.killed: list[str] = []
        """The parts that did not end when they were asked to."""
        self._processes: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._commands: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {}

    def start(self) -> "Live":
        """Keys, migrations, demo data, the three processes; returns when the application says it is ready."""
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        try:
            keys = self.run([sys.executable, "-m", "sandbox.keys", "--env", str(self.folder / "keys")])
            for line in keys.splitlines():
                name, sign, value = line.partition("=")
                if sign and name.isidentifier():
                    self.environment[name] = value.strip("'\"")
            self.flask("db", "upgrade")
            if self.demo:
                self.flask(*self.demo)
            self._spawn("sandbox", [sys.executable, "-m", "sandbox"], {"PORT": str(self.sandbox_port)})
            self._spawn("jobs", [sys.executable, "-m", "flask", "--app", "wsgi", "jobs", "run"])
            self._spawn("web", [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"])
            self._wait(f"{self.url}/ready", "web")
            self._wait(f"{self.sandbox_url}/", "sandbox")
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Ends what this object started, the newest first."""
        for _, process in reversed(self._processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for name, process in reversed(self._processes):
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.killed.append(name)
                process.kill()
                process.wait()
        self._processes.clear()

    def flask(self, *arguments: str) -> str:
        """Runs a command of the product's CLI on the same data and gives what it printed."""
        return self.run([sys.executable, "-m", "flask", "--app", "wsgi", *arguments])

    def run(self, command: Sequence[str]) -> str:
        """Runs a command in the product's environment; raises :class:`NotStarted` with its words when it fails."""
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            raise NotStarted(f"{' '.join(command[1:])} ended with {done.returncode}: {done.stderr[-3000:]}")
        return done.stdout

    def log(self, name: str) -> str:
        """What ``web``, ``jobs`` or ``sandbox`` has written so far."""
        return (self.folder / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def pid(self, name: str) -> int:
        """The process id of ``web``, ``jobs`` or ``sandbox``."""
        return next(process.pid for part, process in self._processes if part == name)

    def restart(self, name: str) -> None:
        """Kills a part (``kill -9``) and starts it again."""
        for entry in [each for each in self._processes if each[0] == name]:
            entry[1].kill()
            entry[1].wait()
            self._processes.remove(entry)
        self._spawn(name, *self._commands[name])

    def _spawn(self, name: str, command: Sequence[str], extra: Mapping[str, str] | None = None) -> None:
        self._commands[name] = command, extra or {}
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, **(extra or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._processes.append((name, process))

    def _wait(self, address: str, name: str) -> None:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while True:
            problem = "no answer"
            try:
                with urllib.request.urlopen(address, timeout=60):
                    return
            except urllib.error.HTTPError as error:
                if name != "web":
                    return  # it answers, and that is all we ask of it
                problem = f"{error.code} {error.read()[:2000]!r}"
                error.close()
            except OSError:
                pass
            for other, process in self._processes:
                if process.poll() is not None:
                    raise NotStarted(f"{other} ended with {process.returncode}: {self.log(other)[-3000:]}")
            if time.monotonic() > deadline:
                raise NotStarted(f"{address}: {problem}; log: {self.log(name)[-3000:]}")
            time.sleep(0.1)
