"""A wire between the product and PostgreSQL, cut where it hurts: after COMMIT was sent, before its answer."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

from tests.support.postgres import Server

SOCKET = ".s.PGSQL.5432"
_COMMIT, _BEGIN, _READ_ONLY = b"COMMIT\x00", b"BEGIN", b"READ ONLY"


class Wire:
    """A UNIX socket beside the server's own; whatever comes in is passed on, both ways.

    :meth:`cut_commits` lets the next COMMITs of writers be carried out and their answers be lost: the client learns no
    more than that the connection is gone. ``unheard`` counts them.
    """

    def __init__(self, server: Server) -> None:
        assert server.base is not None
        self._server = server.base / SOCKET
        self.folder: Path = server.base / "wire"
        self.folder.mkdir()
        self.unheard = 0
        self._to_cut = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._open = threading.Event()
        self._stop: asyncio.Event | None = None

    def __enter__(self) -> "Wire":
        self._thread.start()
        self._open.wait()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def url(self, dbname: str) -> str:
        """The SQLAlchemy address of a database through this wire."""
        return f"postgresql+psycopg://postgres@/{dbname}?host={self.folder}"

    def cut_commits(self, number: int) -> None:
        """From now on the answers of so many COMMITs are lost."""
        self._to_cut = number

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        listening = await asyncio.start_unix_server(self._visited, str(self.folder / SOCKET))
        self._open.set()
        await self._stop.wait()
        listening.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _visited(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        writers = [to_client]
        try:
            server, to_server = await asyncio.open_unix_connection(str(self._server))
            writers.append(to_server)
            line = _Line(self)
            ways = [
                asyncio.create_task(_pass_on(client, to_server, line.asked)),
                asyncio.create_task(_pass_on(server, to_client, line.answered)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            pass  # the server is gone, or the wire is taken down
        finally:
            for writer in writers:
                with suppress(Exception):
                    writer.close()


class _Line:
    """One connection: does its transaction write, and was its COMMIT chosen to go unanswered?"""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.writes, self.cut = wire, False, False

    def asked(self, words: bytes) -> bool:
        """The client says something; always passed on."""
        if _BEGIN in words:
            self.writes = _READ_ONLY not in words
        if self.wire._to_cut and self.writes and _COMMIT in words:
            self.wire._to_cut -= 1
            self.cut = True
        return True

    def answered(self, _words: bytes) -> bool:
        """The server answers; False ends the connection in place of the answer."""
        if self.cut:
            self.wire.unheard += 1
        return not self.cut


async def _pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter, may_pass: object) -> None:
    assert callable(may_pass)
    with suppress(OSError):
        while words := await source.read(1 << 16):
            if not may_pass(words):
                return
            sink.write(words)
            await sink.drain()
