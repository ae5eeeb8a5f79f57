"""``python -m sandbox``: the stand-in for WeChat on loopback."""

import errno
import signal
import sys

from sandbox.server import Server
from sandbox.settings import Settings


def main() -> int:
    """Serve until interrupted; returns the exit code."""
    try:
        settings = Settings.from_env()
        server = Server(settings)
    except ValueError as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    except OSError as trouble:
        taken = f"Port {settings.port} is taken: stop what listens there or choose another with PORT=…."
        sys.stderr.write(f"{taken if trouble.errno == errno.EADDRINUSE else trouble}\n")
        return 1
    signal.signal(signal.SIGTERM, _interrupt)
    sys.stdout.write(f"WeChat sandbox: {server.url}/   keys: {settings.keys_dir}\n")
    sys.stdout.flush()
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
    return 0


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
