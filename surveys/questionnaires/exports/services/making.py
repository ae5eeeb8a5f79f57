"""Making the files that were asked for, in the background; forgetting them."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from kernel import audit, clock
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, DomainError
from kernel.storage import store
from surveys.questionnaires import queries as campaigns
from surveys.questionnaires.exports import figures, photos, queries, table
from surveys.questionnaires.exports.models import PICTURES, SUFFIXES, Export, Format, Progress
from surveys.questionnaires.exports.sealed_files import seal_file
from surveys.questionnaires.exports.services.asking import estates_for
from surveys.questionnaires.models import Campaign

LEASE = timedelta(minutes=5)
MOST_TRIES = 3


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
    kind = Format(export.format)
    may = estates_for(session, campaign, export.person_id, format=kind, named=export.named, now=clock.now())
    estates = [place for place in may if place.code in export.estate_codes]
    ids = [place.id for place in estates]
    with tempfile.TemporaryDirectory(prefix="gongjian-export-") as folder:
        path = Path(folder) / f"file.{SUFFIXES[kind]}"

        def tell(done: int, of: int) -> None:
            _tell(export, done, of)

        if kind in PICTURES:
            photos.write(campaign, ids, path, published=kind == Format.PHOTOS_PUBLIC, tell=tell)
        elif kind == Format.FIGURES:
            figures.write(campaign, estates, path, tell=tell, now=clock.now())
        else:
            table.write(campaign, ids, path, format=kind, named=export.named, tell=tell, now=clock.now())
        size = path.stat().st_size
        if export.named:
            sealed = Path(folder) / "file.sealed"
            seal_file(path, sealed, context=export.sealing_context)
            storage_key = store().put_file(sealed, suffix=".sealed")
        else:
            storage_key = store().put_file(path, suffix=path.suffix)
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
    """The operator's export, who has the database anyway: every estate of a campaign, without doors, names and phones;
    how many responses. The format is the path's suffix; audited. Raises NotFound."""
    session = reading()
    found = campaigns.campaign_by_public_id(session, campaign)
    estates = [place.id for place in campaigns.estates_of(session, found.id)]
    audit.look(actor=actor, what="export", subject=f"campaign:{campaign}", now=now, payload={"named": False})
    format = Format(path.suffix[1:])
    return table.write(found, estates, path, format=format, named=False, tell=lambda done, of: None, now=now)


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
