"""The inserts of a submission by the drivers alone: no HTTP, no Flask, no SQLAlchemy, no checks. What is left is what
any program would have to pay for the same rows and the same commit.
"""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from bench.parts.load import Run
from tests.surveys.questionnaires.answers import FULL

Home = dict[str, str]
_WRITES = [
    "INSERT INTO idempotency (actor, token, request_hash, resource, at) VALUES (?, ?, ?, ?, ?)",
    "INSERT INTO audit_entry (public_id, at, actor, action, subject, payload_hash, row_hash)"
    " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
    "INSERT INTO audit_payload (entry_id, salt, document) VALUES (?, ?, ?)",
    "INSERT INTO response (public_id, campaign_id, version_id, dwelling_id, estate_id, channel, relation, account_id,"
    " submitted_at, answers, private_sealed, receipt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
    "INSERT INTO valid_response (campaign_id, dwelling_id, response_id) VALUES (?, ?, ?)",
    "UPDATE attachment SET response_id = ? WHERE public_id = ?",
    "INSERT INTO tally_queue (response_id, sign, part) VALUES (?, 1, 'all')",
]
_IDS = (
    "SELECT d.id, d.estate_id, a.account_id, c.id, c.version_id FROM dwelling d JOIN campaign c ON c.public_id = ?"
    " JOIN attachment a ON a.dwelling_id = d.id WHERE d.public_id = ?"
)
Say = Callable[[str, tuple[Any, ...]], Any]


def _submit(
    say: Say, writes: list[str], ids: tuple[Any, ...], home: Home, answers: str, now: Any, *, noted: bool = True
) -> None:
    """One submission's rows. ``say`` executes a statement and gives the first row's first column, if any. ``noted``:
    its row for the count, too."""
    dwelling, estate, account, campaign, version = ids
    name, salt = secrets.token_urlsafe(16), secrets.token_hex(16)
    row_hash, payload = secrets.token_hex(32), json.dumps({"campaign": "x" * 22, "dwelling": "y" * 22, "d": "z" * 100})
    say(writes[0], (f"account:{account}", secrets.token_hex(16), row_hash, name, now))
    entry = say(writes[1], (name, now, "account:x", "response.submitted", f"response:{name}", row_hash, row_hash))
    say(writes[2], (entry, salt, payload))
    response = say(
        writes[3],
        (name, campaign, version, dwelling, estate, "wechat_self", "self", account, now, answers, b"x" * 120, row_hash),
    )
    say(writes[4], (campaign, dwelling, response))
    say(writes[5], (response, home["file"]))
    if noted:
        say(writes[6], (response,))


def _answers() -> str:
    return json.dumps({code: value for code, value in FULL.items() if code not in ("q36", "q36_phone")})


def postgres(
    conninfo: str, campaign: str, homes: list[Home], connections: int, *, noted: bool = True, options: str = ""
) -> Run:
    """By psycopg, with prepared statements, ``connections`` threads; what PostgreSQL refuses is a 500 of the run.
    ``options``: further ones of each connection."""
    writes = [text.replace("?", "%s") for text in _WRITES]
    answers, run, lock = _answers(), Run(), threading.Lock()
    with psycopg.connect(conninfo, options="-c search_path=city_shaoguan") as link:
        ids = [link.execute(_IDS.replace("?", "%s"), (campaign, home["dwelling"])).fetchone() for home in homes]
    todo = iter(list(zip(homes, ids, strict=True)))

    def work() -> None:
        given = f"-c search_path=city_shaoguan {options}"
        with psycopg.connect(conninfo, options=given, prepare_threshold=0) as link:

            def say(text: str, values: tuple[Any, ...]) -> Any:
                cursor = link.execute(text, values)
                row = cursor.fetchone() if cursor.description else None
                return row[0] if row else None

            while True:
                with lock:
                    item = next(todo, None)
                if item is None:
                    return
                began = time.perf_counter()
                status = 201
                try:
                    _submit(say, writes, item[1] or (), item[0], answers, datetime.now(UTC), noted=noted)
                    link.commit()
                except psycopg.OperationalError:  # a deadlock, a serialization failure
                    link.rollback()
                    status = 500
                with lock:
                    run.statuses[status] += 1
                    run.latencies_ms.append((time.perf_counter() - began) * 1000)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.seconds = time.perf_counter() - began
    return run


def sqlite(path: Path, campaign: str, homes: list[Home]) -> Run:
    """By sqlite3, in one thread (writers are serial anyway), WAL and synchronous=FULL as the product has it."""
    run, answers = Run(), _answers()
    link = sqlite3.connect(path, isolation_level=None, timeout=10)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        link.execute(f"PRAGMA {pragma}")
    ids = [link.execute(_IDS, (campaign, home["dwelling"])).fetchone() for home in homes]

    def say(text: str, values: tuple[Any, ...]) -> Any:
        cursor = link.execute(text, values)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    start = time.perf_counter()
    for home, found in zip(homes, ids, strict=True):
        began = time.perf_counter()
        link.execute("BEGIN IMMEDIATE")
        _submit(say, _WRITES, found, home, answers, datetime.now(UTC).replace(tzinfo=None).isoformat(" "))
        link.execute("COMMIT")
        run.latencies_ms.append((time.perf_counter() - began) * 1000)
    run.seconds = time.perf_counter() - start
    link.close()
    return run
