"""Importing a roster: all or nothing, twice is once, and every change of a known household is audited."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit
from kernel.database import reading, transaction, use_case
from kernel.encryption import vault
from kernel.people.models import Person, PersonKind
from kernel.people.services import name_of, phone_of
from kernel.places.models import Place
from portal.register import queries
from portal.register.rules.plan import KnownDwelling, KnownHolding, KnownPerson, Plan, make_plan
from portal.register.rules.roster import Roster, read_roster
from portal.register.rules.tables import Sheet
from portal.register.services import writing

Progress = Callable[[str, int, int], None]
"""(phase, done, of): called now and then."""


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do. ``refused``: nothing was written because rows are wrong."""

    estate: str
    estate_name: str
    rows: int
    bad_rows: int
    new: int
    changed: int
    unchanged: int
    missing: int
    new_buildings: int
    new_people: int
    changed_people: int
    ended_holdings: int
    written: bool
    refused: bool
    notes: tuple[str, ...]


def import_roster(
    sheets: Sequence[Sheet],
    estate_code: str,
    *,
    actor: str,
    now: datetime,
    source: str = "",
    dry_run: bool = False,
    accept_good_rows: bool = False,
    progress: Progress | None = None,
) -> tuple[ImportReport, Roster]:
    """Read a workbook and write what it says into an estate's register.

    ``source``: the file's SHA-256, for the audit. Nothing is written on ``dry_run``, nor when a row is wrong unless
    ``accept_good_rows``. Raises Invalid (no roster in the workbook), NotFound (no such estate).
    """
    rows_of_all = sum(len(sheet.rows) for sheet in sheets)
    told = 0

    def read(count: int) -> None:
        nonlocal told
        told += count
        if progress is not None:
            progress("读取", told, rows_of_all)

    queries.estate_by_code(reading(), estate_code)
    roster = read_roster(sheets, read)
    refused = bool(roster.problems) and not accept_good_rows
    if dry_run or refused:
        session = reading()
        estate = queries.estate_by_code(session, estate_code)
        plan = _plan(session, estate, roster)
        return _report(estate, roster, plan, session, written=False, refused=refused), roster
    return _import(estate_code, roster, actor=actor, now=now, source=source, progress=progress), roster


@use_case
def _import(
    estate_code: str, roster: Roster, *, actor: str, now: datetime, source: str, progress: Progress | None
) -> ImportReport:
    with transaction() as session:
        estate = queries.lock_estate(session, estate_code)
        plan = _plan(session, estate, roster)
        report = _report(estate, roster, plan, session, written=True, refused=False)
        writing.write(session, estate, plan, actor=actor, now=now, progress=progress)
        audit.record(
            session,
            actor=actor,
            action="roster.imported",
            subject=f"place:{estate.code}",
            now=now,
            payload={
                "source": source,
                "rows": report.rows,
                "bad_rows": report.bad_rows,
                "new": report.new,
                "changed": report.changed,
                "new_people": report.new_people,
            },
        )
        return report


def _plan(session: Session, estate: Place, roster: Roster) -> Plan:
    """Open what the register knows of the estate and compare."""
    people: dict[int, KnownPerson] = {}
    holdings: dict[int, list[KnownHolding]] = {}
    for holding, person in queries.holdings_with_person(session, estate.id):
        people.setdefault(person.id, _known(person))
        known = KnownHolding(holding.id, holding.person_id, holding.kind, holding.evidence == writing.EVIDENCE)
        holdings.setdefault(holding.dwelling_id, []).append(known)
    phones = {holder.phone for dwelling in roster.dwellings for holder in dwelling.holders if holder.phone}
    phones -= {person.phone for person in people.values()}
    indexes = [vault().blind_index("phone", phone) for phone in sorted(phones)]
    for person in queries.persons_with_phones(session, indexes):
        people.setdefault(person.id, _known(person))
    dwellings = [
        KnownDwelling(
            dwelling.id,
            dwelling.public_id,
            (building, dwelling.unit, dwelling.door),
            dwelling.label,
            dwelling.floor,
            dwelling.area_dm2,
            dwelling.use,
            tuple(holdings.get(dwelling.id, ())),
        )
        for dwelling, building in queries.dwellings_with_building(session, estate.id)
    ]
    return make_plan(roster.dwellings, dwellings, list(people.values()))


def _known(person: Person) -> KnownPerson:
    return KnownPerson(person.id, name_of(person), phone_of(person), person.kind == PersonKind.ORGANISATION)


def _report(
    estate: Place, roster: Roster, plan: Plan, session: Session, *, written: bool, refused: bool
) -> ImportReport:
    known_buildings = queries.buildings_of(session, estate)
    counts: dict[str, Any] = {
        "new": len(plan.new),
        "changed": len(plan.changed),
        "unchanged": plan.unchanged,
        "missing": len(plan.missing),
        "new_buildings": len({dwelling.building for dwelling in plan.new} - set(known_buildings)),
        "new_people": plan.new_people,
        "changed_people": plan.changed_people,
        "ended_holdings": sum(len(change.end) for change in plan.changed),
    }
    notes = list(roster.notes)
    if plan.missing:
        shown = "、".join(plan.missing[:5]) + ("等" if len(plan.missing) > 5 else "")
        notes.append(f"登记簿里有 {len(plan.missing)} 户不在这张表里，没有改动：{shown}。")
    return ImportReport(
        estate=estate.code,
        estate_name=estate.name,
        rows=roster.rows_read,
        bad_rows=roster.bad_rows,
        written=written,
        refused=refused,
        notes=tuple(notes),
        **counts,
    )
