"""The tables of paper forms. What was keyed is sealed: until it is a response it is nobody's business."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Model, UTCDateTime, big_id, fk, forgetting, one_of, public_id
from surveys.questionnaires.rules.paper import PaperState

_OPEN = sa.text("state IN ('registered', 'keyed', 'differs')")


class SurveyPaper(Model):
    """A paper form that came back from a dwelling; its photo is a proof (``kernel.evidence``). One at a time."""

    __tablename__ = "survey_paper"
    __table_args__ = (
        one_of("state", PaperState, "survey_paper"),
        sa.CheckConstraint("(state = 'done') = (response_id IS NOT NULL)", name="survey_paper_done_is_a_response"),
        sa.CheckConstraint("state <> 'void' OR void_reason IS NOT NULL", name="survey_paper_void_says_why"),
        sa.CheckConstraint("voided_by <> void_asked_by", name="survey_paper_void_by_two"),
        sa.CheckConstraint("voided_by IS NULL OR state = 'void'", name="survey_paper_void_agreed"),
        sa.UniqueConstraint("response_id", name="survey_paper_response_id_key"),
        sa.Index(
            "survey_paper_one_open",
            "campaign_id",
            "dwelling_id",
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        ),
    )

    id: Mapped[int] = big_id()
    public_id: Mapped[str] = public_id()
    campaign_id: Mapped[int] = mapped_column(fk("campaign.id"))
    dwelling_id: Mapped[int] = mapped_column(fk("dwelling.id"))
    version_id: Mapped[int] = mapped_column(fk("questionnaire_version.id"))
    """the wording it was printed with"""
    state: Mapped[str] = mapped_column(sa.String(24))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    registered_at: Mapped[datetime] = mapped_column(UTCDateTime)
    registered_by: Mapped[int] = mapped_column(fk("person.id"))
    void_reason: Mapped[str | None] = mapped_column(sa.String(300))
    """why it is void, or why somebody asks that it be (``void_asked_by``)"""
    void_asked_by: Mapped[int | None] = mapped_column(fk("person.id"))
    void_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    voided_by: Mapped[int | None] = mapped_column(fk("person.id"))
    response_id: Mapped[int | None] = mapped_column(fk("response.id"))


class PaperObjection(Model):
    """Somebody of the household says that it handed in no such paper. Until it is answered, by somebody who had no hand
    in the paper, the paper stands still. ``account_id``: None once it is forgotten who said so (``retention``)."""

    __tablename__ = "survey_paper_objection"
    __table_args__ = (
        sa.CheckConstraint("(answered_at IS NULL) = (answered_by IS NULL)", name="survey_paper_objection_answer_whole"),
        sa.UniqueConstraint("paper_id", "account_id", name="survey_paper_objection_once_key"),
    )

    id: Mapped[int] = big_id()
    paper_id: Mapped[int] = mapped_column(fk("survey_paper.id"))
    account_id: Mapped[int | None] = mapped_column(fk("account.id"))
    raised_at: Mapped[datetime] = mapped_column(UTCDateTime)
    answered_by: Mapped[int | None] = mapped_column(fk("person.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SurveyKeying(Model):
    """What one person read off a paper: turn 1, turn 2 by another, turn 3 a third's decision. Sealed JSON."""

    __tablename__ = "survey_keying"
    __table_args__ = (
        sa.CheckConstraint("turn IN (1, 2, 3)", name="survey_keying_turn_known"),
        sa.UniqueConstraint("paper_id", "turn", name="survey_keying_once_a_turn"),
        sa.UniqueConstraint("paper_id", "person_id", name="survey_keying_once_a_person"),
        forgetting("sealed"),
    )

    id: Mapped[int] = big_id()
    paper_id: Mapped[int] = mapped_column(fk("survey_paper.id"))
    turn: Mapped[int] = mapped_column(sa.BigInteger)
    person_id: Mapped[int] = mapped_column(fk("person.id"))
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    keyed_at: Mapped[datetime] = mapped_column(UTCDateTime)
