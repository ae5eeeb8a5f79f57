"""The official sheet of an estate's contributions: for staff of the street and the community, each download logged."""

from datetime import datetime

from kernel import audit, clock
from kernel.database import transaction, use_case
from kernel.errors import Conflict
from payments.contributions import queries
from payments.contributions.services.showing import staff_view
from payments.official_sheet import Column, official_sheet

COLUMNS = (
    Column("楼栋", 10),
    Column("房号", 22),
    Column("应出金额", 16, is_money=True),
    Column("已缴金额", 16, is_money=True),
    Column("未缴金额", 16, is_money=True),
    Column("多缴金额", 16, is_money=True),
    Column("状态", 12),
)


@use_case
def official(estate: str, *, person_id: int | None, actor: str, now: datetime) -> tuple[str, bytes]:
    """(file name, bytes) of the sheet; no names of people. Raises NotFound, NotAllowed, Conflict before a budget."""
    with transaction() as session:
        view = staff_view(session, estate, person_id=person_id, now=now)
        budget = queries.current_budget(session, view.collection.id) if view.collection else None
        if budget is None or view.collection is None:
            raise Conflict("no-budget", "本小区还没有公布分摊方案。")
        audit.record(
            session,
            actor=actor,
            action="contributions.exported",
            subject=f"budget:{budget.public_id}",
            now=now,
            payload={"rows": len(view.doors)},
        )
        rows = [
            (door.building, door.label, door.due_fen, door.paid_fen, door.open_fen, door.over_fen, door.word)
            for door in view.doors
        ]
        data = official_sheet(
            title=f"{view.estate.name}改造居民出资情况表",
            unit=view.collection.account_holder,
            day=clock.china_day(now),
            columns=COLUMNS,
            rows=rows,
            note=f"依据：分摊方案第 {budget.version} 版（{budget.title}）。本表含住户缴款情况，不得张贴或转发。",
        )
        return f"contributions-{view.estate.code}-{clock.china_day(now).isoformat()}.xlsx", data
