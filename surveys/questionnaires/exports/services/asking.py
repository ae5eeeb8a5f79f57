"""Asking for a file of answers, and fetching it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from kernel import audit, grants
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, Gone, NotAllowed, TooMany
from kernel.idempotency import Key, recall, remember
from kernel.places.models import Place
from kernel.places.rules import is_within
from kernel.storage import store
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.exports import queries
from surveys.questionnaires.exports.models import (
    NAMED_ALWAYS,
    NAMED_NEVER,
    ROWS,
    SUFFIXES,
    Export,
    Format,
    Progress,
)
from surveys.questionnaires.exports.sealed_files import open_pieces
from surveys.questionnaires.exports.sums import MOST_ROWS, TOO_MANY_ROWS
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.results.audience import CONTACT, RESULTS
from surveys.questionnaires.results.queries import counted_by_estate
from surveys.questionnaires.services.responses import ASSIST

KEPT = timedelta(days=7)
KEPT_NAMED = timedelta(days=1)
MOST_UNFINISHED = 3
MIMETYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "sav": "application/x-spss-sav",
    "zip": "application/zip",
}
WORDS = {
    Format.PHOTOS: "照片（按门牌）",
    Format.PHOTOS_PUBLIC: "照片（可公示）",
    Format.FIGURES: "汇总（已公布的数字）",
}
"""What a file's name says it holds."""


def estates_for(
    session: Session,
    campaign: Campaign,
    person_id: int | None,
    *,
    format: Format,
    named: bool = False,
    estate: str = "",
    now: datetime,
) -> list[Place]:
    """The campaign's estates a file of this format may hold for the person; ``estate``: only the one with this code.

    All of them are estates he may see results of. A line for each household is for those who work with these households
    (``results.audience``), while answers come in and ever after: thirty-eight answers single a household out whatever
    is left away beside them, so no row could be given to districts and the city (DESIGN §7: exports are for street and
    community). Names, phones and doors are for whoever also fills in at these doors. Raises NotAllowed.
    """
    wanted = [RESULTS, *([CONTACT] if format in ROWS else []), *([ASSIST] if named else [])]
    mine = [grants.places_for(session, person_id, action, now) for action in wanted]
    found = [
        place
        for place in campaigns.estates_of(session, campaign.id)
        if all(any(is_within(place.path, at.path) for at in places) for places in mine)
        and (not estate or place.code == estate)
    ]
    if not found:
        raise NotAllowed("not-your-place", _told(format, named=named))
    return found


def _told(format: Format, *, named: bool) -> str:
    if named:
        return "带姓名、电话的表只给负责这个小区的社区工作者。"
    if format in ROWS:
        return "一户一行的表只给负责入户的社区和街道。请导出汇总表，里面是已公布的数字。"
    return "这次问卷没有您管辖的小区。"


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
    """Ask for a file of what counts in the person's estates (or one of them); audited. Raises NotAllowed, TooMany,
    Invalid (more rows than a sheet holds)."""
    named = (named or format in NAMED_ALWAYS) and format not in NAMED_NEVER
    with transaction() as session:
        if done := recall(session, key):
            return queries.export_by_public_id(session, done)
        found = campaigns.campaign_by_public_id(session, campaign)
        estates = estates_for(session, found, person_id, format=format, named=named, estate=estate, now=now)
        if queries.unfinished(session, account_id) >= MOST_UNFINISHED:
            raise TooMany("too-many-exports", "前面的文件还没有做好，请等它们做完再要。", retry_after_s=60)
        if format == Format.XLSX and _answered(session, found, estates) > MOST_ROWS:
            raise TOO_MANY_ROWS
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


def _answered(session: Session, campaign: Campaign, estates: Sequence[Place]) -> int:
    counted = counted_by_estate(session, campaign.id)
    return sum(sum(counted.get(place.id, {}).values()) for place in estates)


def mine(campaign: str, *, account_id: int, person_id: int | None, now: datetime) -> Sequence[Export]:
    """What an account asked for of a campaign. Raises NotFound, NotAllowed."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    estates_for(session, found, person_id, format=Format.FIGURES, now=now)
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
    kind = Format(found.format)
    may = estates_for(session, campaign, person_id, format=kind, named=found.named, now=now)
    if not {place.code for place in may}.issuperset(found.estate_codes):
        raise NotAllowed("not-your-place", "这个文件里有您已不再负责的小区，请重新导出。")
    words = WORDS.get(kind, "（含姓名）" if found.named else "")
    name = f"{campaign.year}-{campaign.title}{words}.{SUFFIXES[kind]}"
    audit.look(actor=actor, what="export", subject=f"export:{export}", now=now, payload={"named": found.named})
    pieces = store().pieces(found.storage_key)
    if found.named:
        pieces = open_pieces(pieces, context=found.sealing_context)
    return Made(pieces, found.size_bytes, name, MIMETYPES[SUFFIXES[kind]])
