"""One process, one thread a connection: the server the sandbox runs on, in life and in tests."""

import socket
import threading

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import create_app
from sandbox.settings import Settings
from sandbox.world import World


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """The sandbox keeps its own journal; the terminal stays free."""


class Server:
    """A sandbox listening on a port. Raises OSError from the constructor when the port is taken."""

    def __init__(self, settings: Settings) -> None:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((settings.host, settings.port))
            self._listener.listen(128)
        except OSError:
            self._listener.close()
            raise
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{settings.host}:{self.port}"
        self.world = World(settings)
        self.app = create_app(settings, self.world)
        self._http: BaseWSGIServer = make_server(
            settings.host, self.port, self.app, threaded=True, request_handler=_Quiet, fd=self._listener.fileno()
        )
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Serve until ``stop`` is called or the process is interrupted."""
        self.world.callbacks.start()
        self._http.serve_forever(poll_interval=0.05)

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.run, name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, let go of everybody who is held, and end the clock's thread."""
        self.world.faults.stopping.set()
        if self._thread:
            self._http.shutdown()
            self._thread.join(timeout=5)
        self.world.callbacks.stop()
        self._http.server_close()
        self._listener.close()
