"""Who may stand before the worker: the rules of one's own phone hold on a worker's, too. On both databases."""

import pytest

from kernel.database import reading
from kernel.errors import NotAllowed
from kernel.people.models import Person
from surveys.votes.representatives import queries as representatives
from surveys.votes.representatives import services as representing
from surveys.votes.rules.representation import Ground
from surveys.votes.services import casting
from surveys.votes.services.helping import Helped
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.paper.stories import AT, a_worker, photo_of
from tests.surveys.votes.representatives.test_representatives import entered
from tests.surveys.votes.stories import NOW, STREET, Estate, filled, line_of, opened, turnout, vote_row


@pytest.mark.parametrize(
    ("who", "door", "flat", "ground", "code"),
    [
        ("factory", 3, "202", Ground.ORGANISATION, "representative-needed"),
        ("zhao", 6, "401", Ground.MINOR, "guardian-votes"),
    ],
)
def test_who_cannot_vote_himself_votes_by_his_representative_only(
    estate: Estate, make: Factory, worker: Staff, who: str, door: int, flat: str, ground: Ground, code: str
) -> None:
    vote_id = opened(estate)
    helper = a_worker(make, estate)
    staff = Staff(helper.staff.actor, helper.staff.person_id, account_id=helper.account.id)

    def helped(voter: str) -> str:
        by = Helped(staff, voter, [photo_of(helper, estate, "assisted_ballot")])
        line, answers = line_of(vote_id, f"1栋1单元{flat}"), filled(vote_id, "approve")
        return casting.cast(vote_id, line, answers, text_hash=vote_row(vote_id).text_hash or "", by=by, now=AT)

    made = entered(estate, worker, who, door, ground)
    session = reading()
    speaker = representatives.representative_by_public_id(session, made).representative_id
    named = session.get_one(Person, speaker).public_id
    with pytest.raises(NotAllowed) as early:
        helped(named)
    assert early.value.code == "owners-only", "not before the second officer"
    representing.confirm(made, by=STREET, now=NOW)
    with pytest.raises(NotAllowed) as refused:
        helped(estate.people[who].public_id)
    assert refused.value.code == code
    helped(named)
    assert turnout(vote_id).lines == 1
