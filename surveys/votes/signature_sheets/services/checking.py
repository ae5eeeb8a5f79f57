"""The second person holds a keyed sheet against its photo; then its lines count, each head once."""

from collections.abc import Collection
from datetime import datetime

from kernel import idempotency
from kernel.database import transaction, use_case
from kernel.idempotency import Key
from surveys.votes.elections.models import RecallPetition
from surveys.votes.elections.services import recalls, signing
from surveys.votes.rules import signature_sheets as rules
from surveys.votes.rules.nominations import PetitionState
from surveys.votes.rules.signature_sheets import LineState, SheetState
from surveys.votes.services.preparing import Staff
from surveys.votes.services.two_people import must_be_another
from surveys.votes.signature_sheets import queries as sheets
from surveys.votes.signature_sheets.services import causes


@use_case
def check(
    sheet_id: str, refused: Collection[int], why: str, *, by: Staff, now: datetime, key: Key | None = None
) -> str:
    """Confirm a sheet but for the lines (positions) ``refused``; gives its public id.

    Who signed meanwhile on a phone or another sheet is a duplicate. Raises NotFound, NotAllowed (who keyed it),
    Conflict (checked already, no signatures are taken any more), Invalid.
    """
    with transaction() as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        # First the cause, as whoever signs for it does: two who wait for each other would wait for ever.
        cause = causes.of_sheet(session, sheets.sheet_by_public_id(session, sheet_id), now, hold=True)
        sheet = sheets.sheet_by_public_id(session, sheet_id, hold=True)
        causes.must_enter(session, by, cause, now)
        rules.must_wait(SheetState(sheet.state))
        must_be_another(session, by, [sheet.entered_by])
        causes.must_take(cause, now)
        lines = sheets.lines_of(session, sheet.id)
        rules.check_refused(refused, [line.position for line in lines], why)
        signed = signing.standing(session, cause.row)
        counted: dict[int, int | None] = {}
        for line in lines:
            if line.position in refused:
                line.state = LineState.REFUSED
            elif line.dwelling_id is not None and line.state != LineState.UNKNOWN:
                # A line that stood second behind one that is refused now comes into its own.
                again = line.dwelling_id in signed or line.dwelling_id in counted
                line.state = LineState.DUPLICATE if again else LineState.COUNTED
                if not again:
                    counted[line.dwelling_id] = line.id
        signing.put(session, cause.row, counted, now=now)
        sheet.state, sheet.checked_by, sheet.checked_at, sheet.why = SheetState.CHECKED, by.actor, now, why
        said = {"sheet": sheet.public_id, "counted": len(counted), "refused": len(set(refused))}
        causes.record(session, cause, "signatures.checked", by.actor, now, said)
        if isinstance(cause.row, RecallPetition):
            recalls.reach(session, cause.row, actor=by.actor, now=now)
            if not signed and not counted and not sheets.waiting(session, cause.row):
                # A petition that began on paper of which nothing held is none, and blocks no other.
                cause.row.state = PetitionState.LAPSED
                causes.record(session, cause, "recall.lapsed", by.actor, now, {})
        idempotency.remember(session, key, sheet.public_id, now=now)
        return sheet.public_id
