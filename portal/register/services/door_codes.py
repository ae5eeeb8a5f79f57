"""Door codes: issued once a dwelling, printed as often as needed, revoked when a label is lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa

from kernel import audit
from kernel.clock import china_day
from kernel.database import transaction, use_case
from kernel.errors import Gone, NotFound
from kernel.places.models import DoorCode
from kernel.places.rules import new_door_code
from portal.register import queries
from portal.register.labels import Label, write_sheet


@dataclass(frozen=True)
class IssuedLabels:
    """Labels of an estate, building after building. ``issued``: how many codes are new."""

    estate: str
    labels: list[Label]
    issued: int


@use_case
def issue_codes(
    estate_code: str, *, building: str | None, actor: str, now: datetime, dry_run: bool = False
) -> IssuedLabels:
    """Give every dwelling of an estate (or of one building) a code if it has none that holds; all of them as labels.

    ``dry_run``: codes are drawn for the count and forgotten. Raises NotFound for an unknown estate, or when there is
    no dwelling to label.
    """
    with transaction() as session:
        estate = queries.lock_estate(session, estate_code)
        found = [
            (dwelling, name)
            for dwelling, name in queries.dwellings_with_building(session, estate.id)
            if building is None or name == building
        ]
        if not found:
            where = f"{estate.name}{building or ''}"
            raise NotFound("no-dwellings", f"{where}没有登记任何一户。请先导入名册，或核对楼栋。")
        codes = queries.live_codes(session, estate.id)
        new = {dwelling.id: new_door_code() for dwelling, _ in found if dwelling.id not in codes}
        if new and not dry_run:
            rows = [{"code": code, "dwelling_id": dwelling_id, "issued_at": now} for dwelling_id, code in new.items()]
            session.execute(sa.insert(DoorCode), rows)
        codes.update(new)
        if not dry_run:
            audit.record(
                session,
                actor=actor,
                action="labels.printed",
                subject=f"place:{estate.code}",
                now=now,
                payload={"labels": len(found), "issued": len(new), "building": building},
            )
        labels = [Label(codes[dwelling.id], name, dwelling.unit, dwelling.door) for dwelling, name in found]
        return IssuedLabels(estate.name, labels, len(new))


@dataclass(frozen=True)
class PrintedSheet:
    """One building's PDF."""

    path: Path
    building: str
    labels: int
    pages: int


def print_labels(
    issued: IssuedLabels,
    estate_code: str,
    folder: Path,
    *,
    base_url: str,
    host: str,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> list[PrintedSheet]:
    """Write one PDF a building into ``folder`` (made if missing). 0.03 s a label: a job's or a command's work.

    ``base_url`` goes into the codes, ``host`` is the same address in words.
    """
    folder.mkdir(parents=True, exist_ok=True)
    sheets = []
    for building, group in groupby(issued.labels, key=lambda label: label.building):
        labels: Sequence[Label] = list(group)
        path = folder / f"{estate_code}-{building}.pdf"
        pages = write_sheet(
            path, labels, estate=issued.estate, base_url=base_url, host=host, made_on=china_day(now), progress=progress
        )
        sheets.append(PrintedSheet(path, building, len(labels), pages))
    return sheets


@use_case
def revoke_code(code: str, *, actor: str, now: datetime) -> str:
    """Revoke a code: the label leads nowhere from now on; the dwelling's label text. The next printing makes a new one.

    Raises NotFound, Gone when it is revoked already.
    """
    with transaction() as session:
        row, dwelling = queries.door_code(session, code)
        if row.revoked_at is not None:
            raise Gone("revoked-door-code", "这张门牌码早已作废。")
        row.revoked_at = now
        audit.record(
            session, actor=actor, action="door-code.revoked", subject=f"dwelling:{dwelling.public_id}", now=now
        )
        return dwelling.label
