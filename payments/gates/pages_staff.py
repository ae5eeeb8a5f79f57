"""The page of the gate: for the street and the community, with each building and the history of its base."""

from collections.abc import Set as AbstractSet
from typing import Any

from werkzeug.wrappers import Response

from kernel import clock, grants
from kernel.clock import china_day, china_text
from kernel.database import reading
from kernel.money import average_text, yuan_text
from kernel.people.queries import names_of
from kernel.ratio import quotient_text
from kernel.web import Pages, identity, page, require_grant
from payments.gates import queries
from payments.gates.models import GateBase, GateState
from payments.gates.services import measuring
from payments.gates.services.bases import MANAGE
from payments.rules.disclosure import SEE

blp = Pages("gates_work", __name__, guard=require_grant(SEE), url_prefix="/work/gate", template_folder="../templates")

STATES = {
    GateState.PROPOSED: ("待复核", "todo"),
    GateState.ADOPTED: ("已采用", "ok"),
    GateState.WITHDRAWN: ("已撤回", ""),
}


@blp.route("/<estate_id>")
def gate(estate_id: str) -> Response:
    """What is asked for and how far it has come, building by building; what it is measured by, since when and why."""
    session, who, now = reading(), identity(), clock.now()
    estate, collection, found = measuring.gate_for(session, estate_id, person_id=who.person_id, now=now)
    may = grants.may(session, who.person_id, MANAGE, estate, now)
    bases, himself = queries.bases_of(session, collection.id), names_of(session, who.person_id)
    return page(
        "payments/gate.html",
        estate=estate,
        gate=found,
        table=[
            [
                one.building,
                f"{one.standing.paid_households}/{one.standing.households}",
                one.standing.share_text,
                yuan_text(one.standing.paid_fen),
                one.standing.average_text,
                "已达到" if one.is_met else f"还差 {yuan_text(one.standing.missing_fen(found.wanted.average_fen))}",
            ]
            for one in found.buildings
        ],
        area=quotient_text(found.area_dm2, 100, 2) if found.area_dm2 else "—",
        per_area=average_text(found.standing.paid_fen * 100, found.area_dm2),
        bases=[_shown(base, himself, may=may) for base in bases],
        may_manage=may and not any(base.state == GateState.PROPOSED for base in bases),
        today=china_day(now).isoformat(),
        yuan=yuan_text,
    )


def _shown(base: GateBase, himself: AbstractSet[int], *, may: bool) -> dict[str, Any]:
    word, tone = STATES[GateState(base.state)]
    asked = [f"{base.households} 户", f"户均 {yuan_text(base.average_fen)} 元"]
    if base.area_dm2:
        asked.append(f"{quotient_text(base.area_dm2, 100, 2)} ㎡")
    if base.target_fen:
        asked.append(f"目标 {yuan_text(base.target_fen)} 元")
    if base.share_permille:
        asked.append(f"已缴户数不少于 {quotient_text(base.share_permille, 10, 1)}%")
    waits = may and base.state == GateState.PROPOSED
    return {
        "row": base,
        "word": word,
        "tone": tone,
        "text": "，".join(asked),
        "buildings": "，".join(f"{name} {many} 户" for name, many in base.by_building.items()),
        "when": china_text(base.decided_at or base.made_at),
        "waits": waits,
        "may_adopt": waits and base.made_by not in himself,
    }
