"""Every select over drafts of questionnaires, and over versions for those who write them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.database import for_update
from kernel.errors import NotFound
from kernel.places.models import Place, PlaceKind
from surveys.questionnaires.authoring.models import FormDraft
from surveys.questionnaires.models import Campaign, Questionnaire, QuestionnaireVersion

NO_DRAFT = NotFound("no-such-form-draft", "没有找到这份问卷草稿，可能已经发布或收起来了。请回到列表再看。")


def draft_by_public_id(session: Session, public_id: str) -> FormDraft:
    """The draft with a public id, unless it was put away. Raises NotFound."""
    found = session.scalar(
        sa.select(FormDraft).where(FormDraft.public_id == public_id, FormDraft.discarded_at.is_(None))
    )
    if found is None:
        raise NO_DRAFT
    return found


def draft_for_change(session: Session, public_id: str) -> FormDraft:
    """The same, locked until the transaction ends. Raises NotFound."""
    found = session.scalar(
        for_update(sa.select(FormDraft).where(FormDraft.public_id == public_id, FormDraft.discarded_at.is_(None)))
    )
    if found is None:
        raise NO_DRAFT
    return found


def open_drafts(session: Session) -> Sequence[tuple[FormDraft, Place]]:
    """Drafts that are neither published nor put away, saved last first, with whose they are."""
    rows = session.execute(
        sa.select(FormDraft, Place)
        .join(Place, Place.id == FormDraft.place_id)
        .where(FormDraft.version_id.is_(None), FormDraft.discarded_at.is_(None))
        .order_by(FormDraft.saved_at.desc())
    )
    return [(row[0], row[1]) for row in rows]


def home_of(session: Session, code: str) -> Place | None:
    """Whose a questionnaire is: of the place that published it first; of the city when it came by the command line;
    None when nobody has it yet."""
    first = session.scalar(
        sa.select(QuestionnaireVersion.id)
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .where(Questionnaire.code == code)
        .order_by(QuestionnaireVersion.loaded_at, QuestionnaireVersion.id)
        .limit(1)
    )
    if first is None:
        return None
    by_draft = sa.select(Place).join(FormDraft, FormDraft.place_id == Place.id).where(FormDraft.version_id == first)
    city = sa.select(Place).where(Place.kind == PlaceKind.CITY).order_by(Place.id).limit(1)
    return session.scalar(by_draft) or session.scalar(city)


def versions(session: Session) -> Sequence[Any]:
    """Every version without its document: questionnaire code, public_id, edition, title, loaded_at; newest first."""
    return session.execute(
        sa.select(
            Questionnaire.code,
            Questionnaire.title,
            QuestionnaireVersion.id,
            QuestionnaireVersion.public_id,
            QuestionnaireVersion.edition,
            QuestionnaireVersion.loaded_at,
        )
        .join(Questionnaire, Questionnaire.id == QuestionnaireVersion.questionnaire_id)
        .order_by(Questionnaire.code, QuestionnaireVersion.loaded_at.desc(), QuestionnaireVersion.id.desc())
    ).all()


def campaigns_with(session: Session, version_id: int) -> Sequence[Campaign]:
    """The campaigns that ask with a version, newest first."""
    return session.scalars(
        sa.select(Campaign).where(Campaign.version_id == version_id).order_by(Campaign.created_at.desc())
    ).all()


def names_over(session: Session, estates: Sequence[Place]) -> dict[int, str]:
    """Estate id → the name of what it is in, to tell two of one name apart."""
    rows = session.execute(sa.select(Place.id, Place.name).where(Place.id.in_({one.parent_id for one in estates})))
    names = {row[0]: row[1] for row in rows}
    return {one.id: names.get(one.parent_id or 0, "") for one in estates}
