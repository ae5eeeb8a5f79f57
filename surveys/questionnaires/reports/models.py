"""The table of reports asked for and made."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import JsonDoc, Model, UTCDateTime, big_id, fk, one_of, public_id


class Stage(StrEnum):
    """How far a report is."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


class SurveyReport(Model):
    """A report of some estates of a campaign. ``spec``: what was asked, and whether it is ``blurred``
    (``rules.blurring``); ``spec_hash``: the same asking has the same, so that it is made once; ``responses``: how many
    were counted when it was made, at ``made_at``; ``reworded_at``: since when it is in older words, because a
    correction of the questionnaire counts one of its questions otherwise."""

    __tablename__ = "survey_report"
    __table_args__ = (
        one_of("state", Stage, "survey_report"),
        sa.CheckConstraint("made_at IS NOT NULL OR state <> 'ready'", name="survey_report_ready_since"),
        sa.Index("survey_report_state_idx", "state", "leased_until"),
        sa.Index("survey_report_spec_idx", "campaign_id", "spec_hash"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    estate_codes: Mapped[list[str]] = mapped_column(JsonDoc)
    spec: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    spec_hash: Mapped[str] = mapped_column(sa.String(64))
    state: Mapped[str] = mapped_column(sa.String(24), default=Stage.WAITING)
    turn: Mapped[int] = mapped_column(sa.Integer, default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    responses: Mapped[int] = mapped_column(sa.Integer, default=0)
    reworded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc, default=dict)


class ReportWave(Model):
    """The sheets of an estate that blurred reports count (``rules.blurring``). ``document``: ``sheets``, frozen as
    [dwelling, response, owner's response or 0, let, level], ``held``: the dwellings any wave ever held, and
    ``reworded``: the questions that are counted otherwise since the wave was taken."""

    __tablename__ = "report_wave"
    __table_args__ = (sa.CheckConstraint("number >= 0", name="report_wave_number_counts"),)

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    estate_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.Integer)
    taken_at: Mapped[datetime] = mapped_column(UTCDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
