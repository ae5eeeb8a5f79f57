"""The words the workers' pages use for claims, before anybody's name is looked at."""

from dataclasses import dataclass

from kernel.clock import china_text
from portal.claims.models import Claim, ClaimRelation, ClaimState

_RELATIONS: dict[str, str] = {
    ClaimRelation.SELF: "业主本人",
    ClaimRelation.FAMILY: "家人",
    ClaimRelation.TENANT: "租客",
}
_STATES: dict[str, str] = {
    ClaimState.WAITING: "填的姓名和手机尾号与名册对不上",
    ClaimState.MATCHED: "填的姓名和手机尾号与名册对上了，还没有核实到人",
    ClaimState.LOCKED: "填错次数太多，已锁住",
}


@dataclass(frozen=True)
class ClaimWords:
    """A claim in a worker's list: ``id`` to decide it by, and one sentence without a name."""

    id: str
    text: str


def claim_words(claim: Claim) -> ClaimWords:
    """Who somebody says he is and how far the roster bears him out; the name is behind an audited look."""
    who = _RELATIONS.get(claim.relation, claim.relation)
    return ClaimWords(
        claim.public_id,
        f"{china_text(claim.made_at)}，以“{who}”的身份申请，{_STATES.get(claim.state, claim.state)}。",
    )
