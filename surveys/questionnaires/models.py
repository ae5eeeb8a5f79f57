"""The tables of questionnaires, campaigns, responses and their counts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import APPEND_ONLY, BigInt, JsonDoc, Model, UTCDateTime, big_id, fk, forgetting, one_of, public_id
from surveys.questionnaires.rules.lifecycle import Channel, State
from surveys.questionnaires.rules.subjects import Part


class Purpose(StrEnum):
    """What an uploaded picture is for."""

    PHOTO = "photo"
    SIGNATURE = "signature"


class Questionnaire(Model):
    """A questionnaire through the years; its words are in the versions."""

    __tablename__ = "questionnaire"
    __table_args__ = (sa.UniqueConstraint("code", name="questionnaire_code_key"),)

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    code: Mapped[str] = mapped_column(sa.String(40))
    title: Mapped[str] = mapped_column(sa.String(120))


class QuestionnaireVersion(Model):
    """One wording, frozen: ``document`` is the whole sheet, ``content_hash`` its SHA-256. A correction is another."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (
        sa.UniqueConstraint("questionnaire_id", "content_hash", name="questionnaire_version_content_key"),
        APPEND_ONLY,
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    questionnaire_id: Mapped[int] = mapped_column(fk("questionnaire.id"))
    edition: Mapped[str] = mapped_column(sa.String(40))
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    loaded_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Campaign(Model):
    """One asking: a version, in some estates, for some time. ``opens_at``/``closes_at``: what the clock does."""

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("state", State, "campaign"),
        sa.CheckConstraint("opened_at IS NOT NULL OR state = 'draft'", name="campaign_open_since"),
        sa.CheckConstraint("closed_at IS NOT NULL OR state <> 'closed'", name="campaign_closed_since"),
        sa.Index("campaign_state_idx", "state"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    title: Mapped[str] = mapped_column(sa.String(120))
    year: Mapped[int] = mapped_column(sa.Integer)
    state: Mapped[str] = mapped_column(sa.String(24), default=State.DRAFT)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CampaignPlace(Model):
    """An estate a campaign asks in; may be added while it runs."""

    __tablename__ = "campaign_place"
    __table_args__ = (sa.Index("campaign_place_place_id_idx", "place_id"),)

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    place_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)


class Response(Model):
    """A filled-in sheet as it was submitted; a later one replaces it by pointing to it, never by changing it. All that
    may ever change is that it forgets whose it was (``retention``).

    ``answers`` holds no names and phones: those are in ``private_sealed`` (JSON under the vault). ``receipt`` is the
    row hash of the audit entry written with it.
    """

    __tablename__ = "response"
    __table_args__ = (
        one_of("channel", Channel, "response"),
        sa.Index("response_dwelling_id_idx", "dwelling_id", "campaign_id"),
        forgetting("private_sealed", "person_id", "account_id"),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    estate_id: Mapped[int] = mapped_column(fk("place.id"))
    channel: Mapped[str] = mapped_column(sa.String(24))
    relation: Mapped[str] = mapped_column(sa.String(24))
    """of who filled it in to the household: the tie's, or "worker"."""
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    person_id: Mapped[int | None] = mapped_column(fk("person.id"))
    submitted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answers: Mapped[dict[str, Any]] = mapped_column(JsonDoc)
    private_sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    receipt: Mapped[str] = mapped_column(sa.String(64))
    replaces_id: Mapped[int | None] = mapped_column(fk("response.id"))


class ValidResponse(Model):
    """Which response counts for a dwelling in a campaign: the primary key is "one valid response a dwelling"."""

    __tablename__ = "valid_response"
    __table_args__ = (sa.UniqueConstraint("response_id", name="valid_response_response_id_key"),)

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"), primary_key=True, autoincrement=False)
    response_id: Mapped[int] = mapped_column(fk("response.id"))


class TallyQueue(Model):
    """Responses waiting to be counted (``sign`` 1) or taken out of the counts (-1), whole or a ``part`` of them. The
    job deletes what it counted."""

    __tablename__ = "tally_queue"
    __table_args__ = (
        sa.CheckConstraint("sign IN (1, -1)", name="tally_queue_sign_known"),
        one_of("part", Part, "tally_queue"),
    )

    id: Mapped[int] = big_id()
    response_id: Mapped[int] = mapped_column(fk("response.id"))
    sign: Mapped[int] = mapped_column(sa.Integer)
    part: Mapped[str] = mapped_column(sa.String(8), default=Part.ALL)


class TallyCounter(Model):
    """How many, by campaign, estate, channel and (question, row, cell); see ``rules.tally``."""

    __tablename__ = "tally_counter"
    __table_args__ = (
        # How many have answered, by estate and channel, is asked often: not by way of every other counter.
        sa.Index(
            "tally_counter_responses_idx",
            "campaign_id",
            "estate_id",
            "channel",
            sqlite_where=sa.text("question = ''"),
            postgresql_where=sa.text("question = ''"),
        ),
    )

    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"), primary_key=True, autoincrement=False)
    estate_id: Mapped[int] = mapped_column(fk("place.id"), primary_key=True, autoincrement=False)
    channel: Mapped[str] = mapped_column(sa.String(24), primary_key=True)
    question: Mapped[str] = mapped_column(sa.String(82), primary_key=True)
    row: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    cell: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    n: Mapped[int] = mapped_column(BigInt)


class Attachment(Model):
    """A picture that was uploaded for a dwelling's response; ``response_id`` once it is part of one."""

    __tablename__ = "attachment"
    __table_args__ = (
        one_of("purpose", Purpose, "attachment"),
        sa.CheckConstraint("size_bytes > 0", name="attachment_not_empty"),
        sa.Index("attachment_dwelling_id_idx", "dwelling_id", "campaign_id"),
        sa.Index(
            "attachment_unused_idx",
            "created_at",
            sqlite_where=sa.text("response_id IS NULL"),
            postgresql_where=sa.text("response_id IS NULL"),
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    account_id: Mapped[int] = mapped_column(fk("account.id"))
    purpose: Mapped[str] = mapped_column(sa.String(24))
    storage_key: Mapped[str] = mapped_column(sa.String(120))
    mimetype: Mapped[str] = mapped_column(sa.String(40))
    size_bytes: Mapped[int] = mapped_column(sa.Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    response_id: Mapped[int | None] = mapped_column(fk("response.id"))
