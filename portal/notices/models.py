"""The table of notices that wait for an account."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id


class NoticeKind(StrEnum):
    """What happened."""

    NEW_CLAIM = "new_claim"
    """somebody else now speaks for the dwelling"""
    CLAIM_CONFIRMED = "claim_confirmed"
    CLAIM_REFUSED = "claim_refused"
    MONEY_TAKEN = "money_taken"
    """somebody of ours took money for the dwelling over the counter or at the door"""
    MONEY_VOIDED = "money_voided"
    MAYBE_PAID_TWICE = "maybe_paid_twice"
    """the same amount came by two ways: was it meant so?"""
    RESPONSE_ASSISTED = "response_assisted"
    """a worker filled in the questionnaire for the dwelling"""
    RESPONSE_CHANGED = "response_changed"
    RESPONSE_WAITING = "response_waiting"
    """another, different questionnaire came in; somebody will settle which counts"""
    RESPONSE_SETTLED = "response_settled"
    SURVEY_REMINDER = "survey_reminder"
    SURVEY_END_MOVED = "survey_end_moved"
    """the end was moved while one had begun a sheet"""
    VISIT_NAMED = "visit_named"
    """a colleague says that one came along to a visit"""
    VISIT_DECLINED = "visit_declined"
    """the colleague one named says that he was not there"""
    SURVEY_PAPER_VOID = "survey_paper_void"
    """a questionnaire on paper that was handed in counts for nothing"""
    BUDGET_PUBLISHED = "budget_published"
    """what a household bears of the works was published, or changed"""
    CONTRIBUTION_REMINDER = "contribution_reminder"
    FLAT_SOLD = "flat_sold"
    """one paid a deposit for a flat that has other owners now: leave it, or have it back?"""
    DEPOSIT_OF_BEFORE = "deposit_of_before"
    """somebody who owned the flat before holds a deposit for it"""
    DEPOSIT_LEFT = "deposit_left"
    """staff entered from a paper that one leaves one's deposit with the flat one sold"""
    ROLLOVER_ASKED = "rollover_asked"
    """whether a deposit stays for the next plan is asked"""
    VOTE_EXTENDED = "vote_extended"
    ROLL_ANSWERED = "roll_answered"
    """one's objection to a vote's roll has its answer"""
    BALLOT_BY_OTHER = "ballot_by_other"
    """a co-owner or somebody of the household used the line"""
    BALLOT_ON_PAPER = "ballot_on_paper"
    BALLOT_BY_AGENT = "ballot_by_agent"
    BALLOT_CONFLICT = "ballot_conflict"
    BALLOT_SETTLED = "ballot_settled"
    PAPER_VOID = "paper_void"
    """a paper that came back counts for nothing"""
    PROXY_REGISTERED = "proxy_registered"
    RESULT_OUT = "result_out"
    """a preliminary result, or one that a recount changed"""
    RESULT_FINAL = "result_final"
    RESULT_ANSWERED = "result_answered"
    """one's objection to a result has its answer"""
    NOMINEE_ASKED = "nominee_asked"
    """somebody nominated one: does one agree to stand?"""
    NOMINATIONS_OPEN = "nominations_open"
    NOMINATIONS_LISTED = "nominations_listed"
    NOMINATIONS_EXTENDED = "nominations_extended"
    CANDIDATE_WITHDRAWN = "candidate_withdrawn"
    """a candidate stepped back after the ballot was printed"""
    VISIT_PUT_OFF = "visit_put_off"
    """a worker came by and met nobody: another day"""
    VISIT_DONE = "visit_done"
    VISIT_LAPSED = "visit_lapsed"
    """nobody saw to a visit that was asked for"""


class Notice(Model):
    """A sentence's worth of news for one account. ``source`` (``claim:…``) makes telling twice count once."""

    __tablename__ = "notice"
    __table_args__ = (
        one_of("kind", NoticeKind, "notice"),
        sa.UniqueConstraint("account_id", "kind", "source", name="notice_told_once_key"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    source: Mapped[str] = mapped_column(sa.String(60))
    facts: Mapped[dict[str, Any] | None] = mapped_column(JsonDoc)
    """what the sentence needs beside when and where: an amount, a receipt's number, a vote's title and page; never a
    name"""
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
