"""A round of reminders: staff send it, the outbox carries it, and who has paid meanwhile is left in peace."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, grants, outbox
from kernel.database import insert_ignoring, new_public_id, transaction, translating, use_case
from kernel.errors import Conflict
from kernel.idempotency import Key, recall, remember
from kernel.money import Fen
from kernel.places.queries import dwelling_by_id, place_by_public_id
from payments import queries as payments
from payments.contributions import queries as budgets
from payments.contributions.models import Budget
from payments.contributions.services.budgeting import MANAGE
from payments.contributions.services.contributing import standing
from payments.models import Collection
from payments.reminders import queries
from payments.reminders.models import Reminder, ReminderSetting
from payments.rules.due import Standing
from payments.rules.reminding import checked_most, may_remind, must_be_some
from payments.services.collections import must_be_open

TOPIC = "contribution.reminder"


def to_remind(session: Session, collection: Collection, budget: Budget, *, now: datetime) -> dict[int, int]:
    """Dwelling → for which time it would be reminded now."""
    dues = budgets.dues_of(session, budget.id)
    came = budgets.counted(session, collection.id, dues)
    before, most = queries.reminded(session, budget.id), queries.most_of(session, collection.id)
    result = {}
    for dwelling, due_fen in dues.items():
        many, last_at = before.get(dwelling, (0, None))
        open_fen = Standing(due_fen, came.get(dwelling, 0)).open_fen
        if may_remind(open_fen, many, last_at, most=most, now=now):
            result[dwelling] = many + 1
    return result


@use_case
def remind(estate: str, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None) -> int:
    """Send a round of reminders to the households something is open for; return to how many dwellings.

    Two at once: a household's next number is given once, by the constraint. Raises NotFound, NotAllowed, Gone, Conflict
    (no budget, nobody to remind).
    """
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return int(done)
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        collection = must_be_open(session, place.id)
        budget = budgets.current_budget(session, collection.id)
        if budget is None:
            raise Conflict("nothing-due", "本小区还没有公布分摊方案，没有要提醒的。")
        wanted = to_remind(session, collection, budget, now=now)
        must_be_some(len(wanted))
        for dwelling, counted in sorted(wanted.items()):
            made = Reminder(
                public_id=new_public_id(),
                budget_id=budget.id,
                dwelling_id=dwelling,
                counted=counted,
                by_person_id=person_id,
                at=now,
            )
            session.add(made)
            outbox.stage(session, TOPIC, {"reminder": made.public_id}, now=now)
        with translating({"reminder_counted_once": Conflict("reminded-just-now", "刚刚已经提醒过了。")}):
            session.flush()
        audit.record(
            session,
            actor=actor,
            action="contribution.reminded",
            subject=f"budget:{budget.public_id}",
            now=now,
            payload={"dwellings": len(wanted)},
        )
        remember(session, key, str(len(wanted)), now=now)
        return len(wanted)


@use_case
def set_most(
    estate: str, most: int, *, person_id: int | None, actor: str, now: datetime, key: Key | None = None
) -> int:
    """The street sets how often households are reminded at most for one version; 0: never. Returns the number."""
    with transaction(serializable=True) as session:
        if done := recall(session, key):
            return int(done)
        place = place_by_public_id(session, estate)
        grants.require(session, person_id, MANAGE, place, now)
        collection = payments.collection_there(session, place.id)
        values = {"most": checked_most(most), "set_by": person_id, "set_at": now}
        session.execute(
            insert_ignoring(session, ReminderSetting)
            .values(collection_id=collection.id, **values)
            .on_conflict_do_update(index_elements=["collection_id"], set_=values)
        )
        audit.record(
            session,
            actor=actor,
            action="contribution.reminders_set",
            subject=f"collection:{collection.public_id}",
            now=now,
            payload={"most": most},
        )
        remember(session, key, str(most), now=now)
        return most


def still_open(session: Session, reminder: Reminder) -> Fen:
    """What is open now for the dwelling a reminder goes to: 0 when it was met meanwhile, or a newer version counts."""
    budget = session.get_one(Budget, reminder.budget_id)
    current = budgets.current_budget(session, budget.collection_id)
    if current is None or current.id != budget.id:
        return 0
    home = dwelling_by_id(session, reminder.dwelling_id)
    return standing(session, session.get_one(Collection, budget.collection_id), budget, home).open_fen
