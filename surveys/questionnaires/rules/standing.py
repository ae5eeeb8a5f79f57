"""Which of two sheets of a dwelling counts, for needs and for the owner's questions (consent and money).

    a later sheet counts     when whoever sent it had seen the one before and is not weaker than it,
                             or when its evidence is better;
    else it waits            for somebody to settle it: nothing is lost, nothing is silently overruled;
    a tenant's sheet is out  for the owner's questions, whatever its evidence.

Strength is (evidence, given or confirmed by the household itself). Paper and visits of two have the evidence of a
proved household, since online-only surveys miss the old (DOMAIN §1.1), but give way to the household's own word. A
visit of one worker alone has not: a sheet that a proved household hands in counts before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from kernel.errors import Conflict, Gone, Invalid, NotAllowed
from surveys.questionnaires.rules.lifecycle import Channel
from surveys.questionnaires.rules.subjects import Part, Speaks

MOST_VERSIONS = 30
"""Sheets one account may hand in for one dwelling in one campaign."""


class Evidence(IntEnum):
    """How well it is known that a sheet is the household's."""

    NAMED = 1
    """name and the phone's tail fit the roster; a visit of one alone"""
    PROVED = 2
    """a code to the phone on the roster, a worker's confirmation, a visit of two, a paper form"""
    SETTLED = 3
    """somebody looked at all sheets and chose this one"""


class Verdict(StrEnum):
    """What a new sheet is, for one kind of questions."""

    COUNTS = "counts"
    WAITS = "waits"
    OUT = "out"


class DisputeKind(StrEnum):
    """Why somebody has to look."""

    CONFLICT = "conflict"
    """two sheets, and neither goes before the other"""
    OBJECTION = "objection"
    """the household says that what others filled in for it is not so"""


class Outcome(StrEnum):
    """What settling decided."""

    CHOSEN = "chosen"
    NONE = "none"
    """no sheet counts; the household may answer again"""
    STRONGER = "stronger"
    """nobody had to choose: its evidence became better, the second visitor or the household confirmed it"""


class Opinion(StrEnum):
    """What a household says of a sheet that others filled in for it."""

    CONFIRMED = "confirmed"
    OBJECTED = "objected"


@dataclass(frozen=True)
class Given:
    """A sheet as far as its standing goes. ``own``: given or confirmed by the household itself."""

    account_id: int
    speaks: Speaks
    evidence: Evidence
    own: bool

    @property
    def strength(self) -> tuple[int, bool]:
        """What is compared."""
        return self.evidence, self.own


def given(
    channel: Channel,
    *,
    account_id: int,
    speaks: Speaks,
    level: int | None,
    confirmed: bool = False,
    accompanied: bool = False,
) -> Given:
    """A sheet's standing. ``level``: of its account's tie to the dwelling (1, 2; None: none, or none any more);
    ``confirmed``: by the household; ``accompanied``: a second visitor says that he was there."""
    by_household = channel in (Channel.WECHAT_SELF, Channel.WECHAT_BY_FAMILY)
    witnessed = accompanied if channel == Channel.WORKER_VISIT else channel == Channel.PAPER_IMPORT
    proved = witnessed or confirmed or (by_household and (level or 0) >= Evidence.PROVED)
    return Given(account_id, speaks, Evidence.PROVED if proved else Evidence.NAMED, by_household or confirmed)


def verdict(new: Given, old: Given | None, *, seen: bool) -> Verdict:
    """What a new sheet is beside the one that counts now. ``seen``: its sender had that very one before him."""
    if old is None:
        return Verdict.COUNTS
    if new.account_id == old.account_id and new.own:
        return Verdict.COUNTS  # one's own correction, always
    if new.evidence > old.evidence:
        return Verdict.COUNTS
    if (seen or new.account_id == old.account_id) and new.strength >= old.strength:
        return Verdict.COUNTS
    return Verdict.WAITS


@dataclass(frozen=True)
class Counting:
    """Which responses (inner ids) of a dwelling count: for needs (None: none at all), and for the owner's questions
    (None: nobody's)."""

    needs: int | None
    owners: int | None

    def parts(self) -> set[tuple[int, Part]]:
        """What the counters hold of it."""
        if self.needs is None:
            return set()
        if self.needs == self.owners:
            return {(self.needs, Part.ALL)}
        return {(self.needs, Part.NEEDS)} | ({(self.owners, Part.OWNERS)} if self.owners is not None else set())


NOTHING = Counting(None, None)


@dataclass(frozen=True)
class Weighed:
    """What a new sheet is, for needs and for the owner's questions."""

    needs: Verdict
    owners: Verdict

    @property
    def waits(self) -> bool:
        """Whether somebody has to look."""
        return Verdict.WAITS in (self.needs, self.owners)

    @property
    def counts(self) -> bool:
        """Whether anything of it counts."""
        return Verdict.COUNTS in (self.needs, self.owners)


def weigh(
    new: Given, needs: Given, owners: Given | None, *, seen_needs: bool, seen_owners: bool, has_owners: bool
) -> Weighed:
    """Compare a new sheet with those that count. ``has_owners``: the questionnaire asks an owner's questions at all."""
    first = verdict(new, needs, seen=seen_needs)
    if new.speaks != Speaks.OWNER:
        return Weighed(first, Verdict.OUT)
    if not has_owners:
        return Weighed(first, first if first == Verdict.COUNTS else Verdict.OUT)
    return Weighed(first, verdict(new, owners, seen=seen_owners))


def after(before: Counting, new_id: int, new: Given, weighed: Weighed, owners: Given | None) -> Counting:
    """What counts once a new sheet was weighed. ``owners``: the sheet that counted for the owner's questions."""
    needs = new_id if weighed.needs == Verdict.COUNTS else before.needs
    if weighed.owners == Verdict.COUNTS:
        return Counting(needs, new_id)
    if weighed.needs == Verdict.COUNTS and owners is not None and owners.account_id == new.account_id:
        # Who now says that he is a tenant takes back what he said as an owner.
        return Counting(needs, None if new.speaks == Speaks.TENANT else before.owners)
    return Counting(needs, before.owners)


def chosen(before: Counting, response_id: int, speaks: Speaks) -> Counting:
    """What counts once somebody chose a sheet: a tenant's for needs alone, an owner's for all."""
    return Counting(response_id, response_id if speaks == Speaks.OWNER else _not(before.owners, response_id))


def _not(owners: int | None, response_id: int) -> int | None:
    return None if owners == response_id else owners


def may_object_until(counts_since: datetime, days: int) -> datetime:
    """The instant from which a sheet filled in by others stands."""
    return counts_since + timedelta(days=days)


def must_be_in_time(until: datetime, days: int, now: datetime) -> None:
    """Raise Gone when the ``days`` for objecting are over."""
    if now >= until:
        raise Gone("objection-late", f"提异议的 {days} 天已经过了。没截止的问卷可以直接改；截止了的，请找社区。")


def must_be_anothers(account_id: int, by: int) -> None:
    """Raise Conflict when somebody would confirm or contest what he filled in himself."""
    if account_id == by:
        raise Conflict("own-response", "这份是您自己填的，直接修改就可以。")


def must_be_impartial(person_id: int, involved: Iterable[int | None]) -> None:
    """Raise NotAllowed when somebody would settle a case about a sheet he entered himself."""
    if person_id in set(involved):
        raise NotAllowed("own-response", "这一户的问卷有您经手填的，请由其他工作人员来定。")


def must_have_reason(text: str, field: str = "reason") -> str:
    """The reason, trimmed. Raises Invalid for an empty one, at the ``field`` it was given in."""
    trimmed = " ".join(text.split())
    if len(trimmed) < 2:
        raise Invalid("no-reason", "请写明理由，至少两个字。", {field: ["请写明理由，至少两个字。"]})
    return trimmed
