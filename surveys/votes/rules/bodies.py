"""Which bodies residents and owners elect, a kind an entry: matters, offices, size, term, hand-over, filing.

What elects, recalls, and carries on a body reads it from here: a kind more is an entry more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from kernel.grants.rules import Role
from surveys.votes.rules.nominations import COMMITTEE, GROUP, LEADER, RECALL

RECALL_OF_COMMITTEE = "owners.committee"
"""更换业主委员会成员 is a decision of the owners (民法典 §278(3)), with their double majority."""


class Office(StrEnum):
    """What a member is in the body."""

    LEADER = "leader"
    VICE = "vice"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class BodyKind:
    """A kind of body. ``matter`` elects its members, ``leader_matter`` its leader directly where that is done, as
    nominations are called for; ``also`` are matters that elect it by other electors (member, leader).
    ``recall_matter`` asks for each whether he goes; ``sizes`` are suggested (local rules differ), ``vices`` the most.
    ``filing_days``: so many days after its election a body is filed with the street (物业管理条例 §16); None: not.
    """

    word: str
    title: str
    matter: str
    leader_matter: str | None
    recall_matter: str
    offices: Mapping[Office, str]
    roles: Mapping[Office, Role]
    sizes: tuple[int, int]
    vices: int
    longest_years: int
    handover: tuple[str, ...]
    filing_days: int | None = None
    also: tuple[str, str] | None = None

    @property
    def matters(self) -> frozenset[str]:
        """The matters whose elected belong to this body."""
        return frozenset({self.matter, *(self.also or ())}) | self.leader_matters

    @property
    def leader_matters(self) -> frozenset[str]:
        """The matters that elect its leader directly."""
        return frozenset(each for each in (self.leader_matter, (self.also or (None, None))[1]) if each)


_HANDOVER = (
    "印章和授权文件",
    "账册、凭证和银行账户",
    "公共收益和结余清单",
    "合同和保修资料",
    "钥匙和设备清单",
    "会议记录和公示存底",
    "没有办完的事项",
)

SELF_GROUP = BodyKind(
    word="self_group",
    title="自管小组",
    matter=GROUP,
    leader_matter=LEADER,
    recall_matter=RECALL,
    offices={Office.LEADER: "组长", Office.VICE: "副组长", Office.MEMBER: "成员"},
    roles={Office.LEADER: Role.GROUP_LEADER, Office.VICE: Role.GROUP_MEMBER, Office.MEMBER: Role.GROUP_MEMBER},
    sizes=(3, 7),
    also=("representatives.group", "representatives.leader"),
    vices=1,
    longest_years=5,
    handover=_HANDOVER,
)
OWNERS_COMMITTEE = BodyKind(
    word="owners_committee",
    title="业主委员会",
    matter=COMMITTEE,
    leader_matter=None,
    recall_matter=RECALL_OF_COMMITTEE,
    offices={Office.LEADER: "主任", Office.VICE: "副主任", Office.MEMBER: "委员"},
    roles={
        Office.LEADER: Role.COMMITTEE_CHAIR,
        Office.VICE: Role.COMMITTEE_MEMBER,
        Office.MEMBER: Role.COMMITTEE_MEMBER,
    },
    sizes=(5, 11),
    vices=2,
    longest_years=5,
    handover=("业主名册和管理规约、议事规则", "维修资金使用记录", *_HANDOVER),
    filing_days=30,
)

KINDS: Mapping[str, BodyKind] = {kind.word: kind for kind in (SELF_GROUP, OWNERS_COMMITTEE)}
BY_MATTER: Mapping[str, BodyKind] = {matter: kind for kind in KINDS.values() for matter in kind.matters}
SIZES: Mapping[str, tuple[int, int]] = {kind.matter: kind.sizes for kind in KINDS.values()}
"""By matter, the suggested sizes: a self-management group 3–7, an owners' committee 5–11 (Hangzhou §27), both odd."""


def elected_by(matters: Iterable[str]) -> BodyKind | None:
    """The kind of body a vote on these matters elects, or None. Electorates are not mixed, so there is one at most."""
    return next((BY_MATTER[matter] for matter in matters if matter in BY_MATTER), None)
