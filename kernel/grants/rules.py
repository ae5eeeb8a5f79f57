"""Roles and what each may do (DOMAIN §5.1). A role is data: adding one, or an action, touches this file alone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """The roles a grant can give."""

    BUILDING_LEADER = "building_leader"
    GROUP_MEMBER = "group_member"
    GROUP_LEADER = "group_leader"
    COMMITTEE_MEMBER = "committee_member"
    COMMITTEE_CHAIR = "committee_chair"
    COMMUNITY_WORKER = "community_worker"
    CASHIER = "cashier"
    STREET_OFFICER = "street_officer"
    DISTRICT_OFFICER = "district_officer"
    CITY_OFFICER = "city_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class RoleRule:
    """A role's Chinese title, what it may do at its place and below, and on which levels of the tree it is given."""

    title: str
    actions: frozenset[str]
    levels: frozenset[str]


def _rule(title: str, levels: str, actions: str) -> RoleRule:
    return RoleRule(title, frozenset(actions.split()), frozenset(levels.split()))


ROLES: dict[str, RoleRule] = {
    Role.BUILDING_LEADER: _rule("楼栋长", "building unit", "board.see visit.accompany"),
    Role.GROUP_MEMBER: _rule("自管小组成员", "estate", "board.see spending.sign visit.accompany"),
    Role.GROUP_LEADER: _rule("自管小组组长", "estate", "board.see spending.sign visit.accompany"),
    Role.COMMITTEE_MEMBER: _rule("业主委员会委员", "estate", "board.see spending.sign visit.accompany"),
    Role.COMMITTEE_CHAIR: _rule("业主委员会主任", "estate", "board.see spending.sign visit.accompany"),
    Role.COMMUNITY_WORKER: _rule(
        "社区工作者",
        "community estate building",
        "dwelling.contact response.assist response.settle claim.confirm paper.enter board.see survey.results "
        "spending.sign collection.see roster.import label.print visit.accompany",
    ),
    Role.CASHIER: _rule("出纳", "street community estate", "cash.take"),
    Role.STREET_OFFICER: _rule(
        "街道工作人员",
        "street",
        "dwelling.contact paper.enter response.settle board.see survey.manage survey.results vote.manage roll.manage "
        "collection.manage collection.see spending.sign roster.import label.print plan.see visit.accompany",
    ),
    Role.DISTRICT_OFFICER: _rule(
        "县(市、区)住建局", "district", "survey.manage survey.results plan.see plan.manage vote.rules"
    ),
    Role.CITY_OFFICER: _rule("市住建局", "city", "survey.manage survey.results plan.see plan.manage vote.rules"),
    Role.AUDITOR: _rule("审计人员", "city district street", "audit.read vote.audit plan.see"),
    Role.ADMINISTRATOR: _rule("系统管理员", "city", "grant.manage"),
}

ACTIONS = frozenset().union(*(rule.actions for rule in ROLES.values()))


def allows(role: str, action: str) -> bool:
    """Whether a role may do an action at its place and below. Raises KeyError for a word nobody knows."""
    if action not in ACTIONS:
        raise KeyError(action)
    return action in ROLES[role].actions


def runs(starts_at: datetime, ends_at: datetime | None, revoked_at: datetime | None, now: datetime) -> bool:
    """Whether a term runs now: begun, not over, not taken back."""
    return starts_at <= now and (ends_at is None or ends_at > now) and (revoked_at is None or revoked_at > now)


def roles_allowing(action: str) -> list[str]:
    """All roles that may do an action. Raises KeyError for a word nobody knows."""
    return [role for role in ROLES if allows(role, action)]
