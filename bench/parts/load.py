"""A small load generator: raw keep-alive connections on loopback, one thread each; and CPU time from /proc."""

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    """What came of some requests: seconds in all, latency of each in ms, how many of each status."""

    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.latencies_ms) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """The latency that ``share`` of the requests did not exceed, in ms."""
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(method: str, path: str, host: str, *, body: bytes = b"", headers: Iterable[str] = ()) -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drive(port: int, requests: list[bytes], connections: int) -> Run:
    """Send all requests to 127.0.0.1:``port``, ``connections`` at a time, each waiting for its answer.

    Raises OSError when the server cannot be reached or closes a connection without an answer.
    """
    todo: Iterator[bytes] = iter(requests)
    lock = threading.Lock()
    run = Run()
    faults: list[OSError] = []

    def work() -> None:
        try:
            answer_all()
        except OSError as fault:
            faults.append(fault)

    def answer_all() -> None:
        latencies, statuses = [], Counter[int]()
        link = _connect(port)
        while True:
            with lock:
                message = next(todo, None)
            if message is None:
                break
            began = time.perf_counter()
            status, keep = _exchange(link, message)
            latencies.append((time.perf_counter() - began) * 1000)
            statuses[status] += 1
            if not keep:
                link.close()
                link = _connect(port)
        link.close()
        with lock:
            run.latencies_ms += latencies
            run.statuses += statuses

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds = time.perf_counter() - began
    if faults:
        raise faults[0]
    return run


def arrive(port: int, requests: list[bytes], over_s: float, *, at_once: int = 64) -> Run:
    """Send each request at a moment of its own, evenly over so many seconds, as people come who know nothing of each
    other; latencies count from that moment, so waiting for a free connection is part of them.
    """
    run, lock = Run(), threading.Lock()
    began = time.perf_counter()
    due = iter([(began + over_s * n / len(requests), message) for n, message in enumerate(requests)])

    def work() -> None:
        while True:
            with lock:
                moment, message = next(due, (0.0, None))
            if message is None:
                return
            time.sleep(max(0.0, moment - time.perf_counter()))
            try:
                with _connect(port) as link:
                    status, _ = _exchange(link, message)
            except OSError:
                status = 0
            with lock:
                run.latencies_ms.append((time.perf_counter() - moment) * 1000)
                run.statuses[status] += 1

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds = time.perf_counter() - began
    return run


def _connect(port: int) -> socket.socket:
    link = socket.create_connection(("127.0.0.1", port), timeout=30)
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def _exchange(link: socket.socket, message: bytes) -> tuple[int, bool]:
    link.sendall(message)
    data = b""
    while b"\r\n\r\n" not in data:
        more = link.recv(65536)
        if not more:
            raise ConnectionError("the server closed the connection")
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    lowered = head.lower()
    length = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in lowered else 0
    while len(rest) < length:
        rest += link.recv(65536)
    return int(head[9:12]), b"connection: close" not in lowered


def cpu_seconds(*pids: int) -> float:
    """CPU time so far of some processes with all their descendants, the ended ones included, in seconds."""
    parents: dict[int, list[int]] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.name))
        ticks[int(entry.name)] = sum(map(int, fields[11:15]))
    todo, total = list(pids), 0
    while todo:
        pid = todo.pop()
        total += ticks.get(pid, 0)
        todo += parents.get(pid, [])
    return total / TICKS
