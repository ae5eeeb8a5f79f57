"""Asking for a file, making it in the background, giving it out, forgetting it; and the doors still to visit."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from kernel import audit, clock, grants
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, DomainError, Gone, NotAllowed, NotFound, TooMany
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Dwelling, Place, PlaceKind
from kernel.places.queries import place_by_public_id
from kernel.places.rules import is_within
from kernel.storage import store
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.exports import photos, queries
from surveys.questionnaires.exports.models import (
    NAMED_ALWAYS,
    NAMED_NEVER,
    PICTURES,
    SUFFIXES,
    Export,
    Format,
    Progress,
)
from surveys.questionnaires.exports.sealed_files import open_pieces, seal_file
from surveys.questionnaires.exports.table import write
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.results.audience import knows_homes
from surveys.questionnaires.rules.lifecycle import State

RESULTS = "survey.results"
ASSIST = "response.assist"
KEPT = timedelta(days=7)
KEPT_NAMED = timedelta(days=1)
LEASE = timedelta(minutes=5)
MOST_UNFINISHED = 3
MOST_TRIES = 3
ROWS = frozenset({Format.XLSX, Format.CSV, Format.SAV})
"""Files with a line for each household."""
MIMETYPES = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.SAV: "application/x-spss-sav",
    Format.PHOTOS: "application/zip",
    Format.PHOTOS_PUBLIC: "application/zip",
}


def estates_for(
    session: Session, campaign: Campaign, person_id: int | None, *, named: bool, estate: str = "", now: datetime
) -> list[Place]:
    """The campaign's estates whose results the person may see; ``named``: where he also may fill in for households,
    the only ones who know names and phones anyway. ``estate``: only the one with this code. Raises NotAllowed."""
    wanted = [RESULTS, ASSIST] if named else [RESULTS]
    mine = [grants.places_for(session, person_id, action, now) for action in wanted]
    found = [
        place
        for place in campaigns.estates_of(session, campaign.id)
        if all(any(is_within(place.path, at.path) for at in places) for places in mine)
        and (not estate or place.code == estate)
    ]
    if not found:
        told = "带姓名、电话的表只给负责这个小区的社区工作者。" if named else "这次问卷没有您管辖的小区。"
        raise NotAllowed("not-your-place", told)
    return found


@use_case
def ask(
    campaign: str,
    *,
    format: Format,
    named: bool,
    estate: str,
    person_id: int | None,
    account_id: int,
    actor: str,
    key: Key,
    now: datetime,
) -> Export:
    """Ask for a file of what counts in the person's estates (or one of them); audited.

    Rows without names are still rows: while answers come in they are for whoever works with these households, so that
    nobody finds a neighbour by the difference of two files (``results.audience``). Raises NotAllowed, TooMany.
    """
    named = (named or format in NAMED_ALWAYS) and format not in NAMED_NEVER
    with transaction() as session:
        if done := recall(session, key):
            return queries.export_by_public_id(session, done)
        found = campaigns.campaign_by_public_id(session, campaign)
        estates = estates_for(session, found, person_id, named=named, estate=estate, now=now)
        if format in ROWS and found.state != State.CLOSED and not knows_homes(session, estates, person_id, now):
            raise NotAllowed("after-the-close", "一户一行的表，问卷截止后才能导出。现在可以看结果页、清单和报表。")
        if queries.unfinished(session, account_id) >= MOST_UNFINISHED:
            raise TooMany("too-many-exports", "前面的文件还没有做好，请等它们做完再要。", retry_after_s=60)
        export = Export(
            campaign_id=found.id,
            account_id=account_id,
            person_id=person_id,
            estate_codes=[place.code for place in estates],
            format=format,
            named=named,
            state=Progress.WAITING,
            turn=0,
            asked_at=now,
            expires_at=now + (KEPT_NAMED if named else KEPT),
        )
        session.add(export)
        session.flush()
        remember(session, key, export.public_id, now=now)
        audit.record(
            session,
            actor=actor,
            action="export.asked",
            subject=f"export:{export.public_id}",
            now=now,
            payload={"campaign": campaign, "estates": export.estate_codes, "named": named, "format": format},
        )
        return export


def mine(campaign: str, *, account_id: int, person_id: int | None, now: datetime) -> Sequence[Export]:
    """What an account asked for of a campaign. Raises NotFound, NotAllowed."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    estates_for(session, found, person_id, named=False, now=now)
    return queries.exports_of(session, found.id, account_id)


def own(export: str, *, account_id: int) -> Export:
    """An export of one's own. Raises NotFound for anybody else's."""
    found = queries.export_by_public_id(reading(), export)
    if found.account_id != account_id:
        raise queries.NO_FILE
    return found


@dataclass(frozen=True)
class Made:
    """A finished file, to be sent in pieces."""

    pieces: Iterator[bytes]
    size_bytes: int
    name: str
    mimetype: str


def download(export: str, *, account_id: int, person_id: int | None, actor: str, now: datetime) -> Made:
    """The finished file, while the person still may see every estate in it; each time is written down.

    Raises NotFound, Conflict (not ready), Gone (its days are over), NotAllowed.
    """
    found = own(export, account_id=account_id)
    if found.state == Progress.GONE or found.expires_at <= now:
        raise Gone("export-gone", "这个文件已过保存期，请重新导出。")
    if found.state != Progress.READY or found.storage_key is None:
        raise Conflict("export-not-ready", "文件还没有做好，请稍等。")
    session = reading()
    campaign = session.get_one(Campaign, found.campaign_id)
    still = {place.code for place in estates_for(session, campaign, person_id, named=found.named, now=now)}
    if not still.issuperset(found.estate_codes):
        raise NotAllowed("not-your-place", "这个文件里有您已不再负责的小区，请重新导出。")
    kind = {Format.PHOTOS: "照片（按门牌）", Format.PHOTOS_PUBLIC: "照片（可公示）"}.get(Format(found.format), "")
    words = kind or ("（含姓名）" if found.named else "")
    name = f"{campaign.year}-{campaign.title}{words}.{SUFFIXES[Format(found.format)]}"
    audit.look(actor=actor, what="export", subject=f"export:{export}", now=now, payload={"named": found.named})
    pieces = store().pieces(found.storage_key)
    if found.named:
        pieces = open_pieces(pieces, context=_context(found))
    return Made(pieces, found.size_bytes, name, MIMETYPES[Format(found.format)])


def _context(export: Export) -> str:
    return f"survey_export.file:{export.public_id}"


def make_waiting(*, now: datetime) -> int:
    """Make the files that wait; how many. A timer's work: a killed one is taken up again when its lease ends."""
    made = 0
    while (export := _take(now=clock.now())) is not None:
        try:
            _make(export)
            made += 1
        except DomainError:
            _settle(export, Progress.FAILED)
    return made


@use_case
def _take(*, now: datetime) -> Export | None:
    with transaction() as session:
        export = queries.next_to_make(session, now)
        if export is None:
            return None
        if export.turn >= MOST_TRIES or export.expires_at <= now:
            export.state = Progress.FAILED
            session.flush()
            return export
        export.state, export.turn, export.leased_until = Progress.MAKING, export.turn + 1, now + LEASE
        return export


def _make(export: Export) -> None:
    """Write the file aside, keep it, and say so; dropped when somebody else has taken it up meanwhile."""
    if export.state != Progress.MAKING:
        return
    session = reading()
    campaign = session.get_one(Campaign, export.campaign_id)
    may = estates_for(session, campaign, export.person_id, named=export.named, now=clock.now())
    estates = [place.id for place in may if place.code in export.estate_codes]
    with tempfile.TemporaryDirectory(prefix="gongjian-export-") as folder:
        kind, suffix = Format(export.format), SUFFIXES[Format(export.format)]
        path = Path(folder) / f"file.{suffix}"

        def tell(done: int, of: int) -> None:
            _tell(export, done, of)

        if kind in PICTURES:
            photos.write(campaign, estates, path, published=kind == Format.PHOTOS_PUBLIC, tell=tell)
        else:
            write(campaign, estates, path, format=kind, named=export.named, tell=tell, now=clock.now())
        size = path.stat().st_size
        if export.named:
            sealed = Path(folder) / "file.sealed"
            seal_file(path, sealed, context=_context(export))
            storage_key = store().put_file(sealed, suffix=".sealed")
        else:
            storage_key = store().put_file(path, suffix=f".{suffix}")
    if not _settle(export, Progress.READY, storage_key=storage_key, size_bytes=size):
        store().delete(storage_key)


def _tell(export: Export, done: int, of: int) -> None:
    if done % 2000 < 200 or done == of:
        _note(export, done, of, now=clock.now())


@use_case
def _note(export: Export, done: int, of: int, *, now: datetime) -> None:
    with transaction() as session:
        found = queries.export_in_turn(session, export.id, export.turn)
        if found is None:
            raise Conflict("export-taken", "文件已由另一处在做。")
        found.done_count, found.row_count, found.leased_until = done, of, now + LEASE


@use_case
def _settle(export: Export, state: Progress, *, storage_key: str | None = None, size_bytes: int = 0) -> bool:
    """Whether the end could be written down in this turn."""
    with transaction() as session:
        found = queries.export_in_turn(session, export.id, export.turn)
        if found is None:
            return False
        found.state, found.storage_key, found.size_bytes = state, storage_key, size_bytes
        return True


def write_all(campaign: str, path: Path, *, actor: str, now: datetime) -> int:
    """The operator's export: every estate of a campaign, without doors, names and phones; how many responses. The
    format is the path's suffix; audited. Raises NotFound."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    estates = [place.id for place in campaigns.estates_of(session, found.id)]
    audit.look(actor=actor, what="export", subject=f"campaign:{campaign}", now=now, payload={"named": False})
    format = Format(path.suffix[1:])
    return write(found, estates, path, format=format, named=False, tell=lambda done, of: None, now=now)


def forget_old(*, now: datetime) -> int:
    """Delete files whose days are over; how many. A nightly job."""
    gone = _drop_old(now=now)
    for storage_key in gone:
        store().delete(storage_key)
    return len(gone)


@use_case
def _drop_old(*, now: datetime) -> list[str]:
    with transaction() as session:
        keys = []
        for export in queries.out_of_date(session, now):
            if export.storage_key is not None:
                keys.append(export.storage_key)
            export.state, export.storage_key = Progress.GONE, None
        return keys


@dataclass(frozen=True)
class DoorList:
    """The homes of a building that have not answered, for its worker."""

    campaign: Campaign
    estate: Place
    building: Place
    dwellings: Sequence[Dwelling]
    homes: int


def doors_not_answered(campaign: str, building: str, *, person_id: int | None, actor: str, now: datetime) -> DoorList:
    """Who of a building has not answered: for those who fill in at its doors, never for neighbours; each look is
    written down. Raises NotFound, NotAllowed."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    place = place_by_public_id(session, building)
    estates = {estate.id: estate for estate in campaigns.estates_of(session, found.id)}
    if place.kind != PlaceKind.BUILDING or place.parent_id not in estates:
        raise NotFound("not-asked-here", "这次问卷不在这栋楼进行。")
    grants.require(session, person_id, ASSIST, place, now)
    listed = DoorList(
        found,
        estates[place.parent_id],
        place,
        queries.not_answered(session, found.id, place.id),
        queries.homes(session, place.id),
    )
    audit.look(
        actor=actor, what="doors_not_answered", subject=f"place:{place.code}", now=now, payload={"campaign": campaign}
    )
    return listed
