"""What counts of a dwelling as a whole, in the words its campaign asks with now."""

from typing import Any

from surveys.questionnaires.corrections.reading import AsAsked
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.subjects import Part, Speaks, part_of, speaks_as


def counts_whole(asked: AsAsked, row: Any, owners: Any) -> bool:
    """Whether all of a valid response (``version_id, relation, answers``) counts. ``owners``: the other sheet whose
    consent and money count in its place, or None."""
    document = asked.form(row.version_id).document
    return owners is None and speaks_as(document, row.relation, row.answers) == Speaks.OWNER


def whole(asked: AsAsked, campaign_id: int, row: Any, owners: Any) -> tuple[Form, dict[str, Any]]:
    """The campaign's form, and what counts of a dwelling in its codes: needs of the valid response, consent and money
    of the owner's sheet (``owners``: its ``version_id, answers``; None: the same, when it speaks for the owner)."""
    form, answers = asked.read(campaign_id, row.version_id, row.answers)
    if counts_whole(asked, row, owners):
        return form, answers
    needs = part_of(answers, form.owners_questions, Part.NEEDS)
    if owners is None:
        return form, needs
    _, theirs = asked.read(campaign_id, owners.version_id, owners.answers)
    return form, needs | part_of(theirs, form.owners_questions, Part.OWNERS)
