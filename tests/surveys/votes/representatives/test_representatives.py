"""Who votes for an organisation, a minor or an incapable owner; on both databases."""

import pytest

from kernel import clock
from kernel.database import reading
from kernel.errors import Conflict, Invalid, NotAllowed
from kernel.people import queries as people
from kernel.people.models import Person
from surveys.votes.representatives import queries as representatives
from surveys.votes.representatives import services as representing
from surveys.votes.representatives.services import NewRepresentative
from surveys.votes.rules.representation import Ground
from surveys.votes.services.casting import Voter
from surveys.votes.services.preparing import Staff
from tests.factories import Factory
from tests.surveys.votes.proofs import logged, photographed, proved_by
from tests.surveys.votes.stories import HOUR, NOW, STREET, Estate, cast, opened


def entered(estate: Estate, worker: Staff, who: str, door: int, ground: Ground, **more: object) -> str:
    given = {"evidence": (photographed(estate, worker, "representative"),), **more}
    new = NewRepresentative(
        estate.dwellings[door].public_id,
        estate.people[who].public_id,
        ground,
        "周律师",
        "13955556666",
        **given,  # type: ignore[arg-type]
    )
    return representing.enter(new, by=worker, now=NOW)


def speaker(estate: Estate, make: Factory, made: str, door: int) -> Voter:
    """The representative's own account, proved by the phone that was entered."""
    session = reading()
    found = representatives.representative_by_public_id(session, made)
    account = make.account()
    person = session.get_one(Person, found.representative_id)
    make.tie(account, estate.dwellings[door], person=person, relation="family")
    return Voter(account.id, f"account:{account.public_id}")


def test_a_minors_guardian_votes_once_confirmed_and_the_minor_does_not(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    vote_id = opened(estate)
    made = entered(estate, worker, "zhao", 6, Ground.MINOR)
    guardian = speaker(estate, make, made, 6)
    with pytest.raises(NotAllowed):
        cast(vote_id, guardian, "1栋1单元401", "approve", now=NOW + HOUR)
    with pytest.raises(NotAllowed) as same:
        representing.confirm(made, by=worker, now=NOW)
    assert same.value.code == "same-person"
    representing.confirm(made, by=STREET, now=NOW)
    with pytest.raises(NotAllowed) as ward:
        cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve", now=NOW + HOUR)
    assert ward.value.code == "guardian-votes"
    ballot = cast(vote_id, guardian, "1栋1单元401", "approve", now=NOW + HOUR)
    assert ballot.person_id == estate.people["zhao"].id, "the ballot is the owner's"


def test_an_organisations_representative_votes_for_all_its_flats_beside_the_one_before(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    vote_id = opened(estate)
    made = entered(estate, worker, "factory", 3, Ground.ORGANISATION)
    representing.confirm(made, by=STREET, now=NOW)
    cast(vote_id, speaker(estate, make, made, 3), "1栋1单元202", "approve", now=NOW + HOUR)


def test_what_ended_counts_no_longer(estate: Estate, worker: Staff, make: Factory) -> None:
    vote_id = opened(estate)
    made = entered(estate, worker, "zhao", 6, Ground.INCAPABLE)
    with pytest.raises(Conflict) as refused:
        entered(estate, worker, "zhao", 6, Ground.MINOR)
    assert refused.value.code == "represented-already"
    representing.confirm(made, by=STREET, now=NOW)
    representing.end(made, by=STREET, now=NOW)
    with pytest.raises(NotAllowed):
        cast(vote_id, speaker(estate, make, made, 6), "1栋1单元401", "approve", now=NOW + HOUR)
    cast(vote_id, estate.voter("zhao"), "1栋1单元401", "approve", now=NOW + HOUR)


@pytest.mark.parametrize(
    ("who", "door", "ground", "more", "code"),
    [
        ("zhao", 6, Ground.ORGANISATION, {}, "ground"),
        ("factory", 3, Ground.MINOR, {}, "ground"),
        ("zhao", 0, Ground.MINOR, {}, "not-an-owner"),
        ("zhao", 6, Ground.MINOR, {"evidence": ()}, "proof-missing"),
    ],
)
def test_what_is_no_representation(
    estate: Estate, worker: Staff, who: str, door: int, ground: Ground, more: dict[str, object], code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        entered(estate, worker, who, door, ground, **more)
    assert refused.value.code == code


def test_over_http_the_street_enters_and_another_confirms_on_the_dwellings_page(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    vote_id = opened(estate)
    officer = make.signed_in(make.account("o-officer"))
    door = estate.dwellings[6].public_id
    sent = {
        "dwelling": door,
        "owner": estate.people["zhao"].public_id,
        "ground": "minor",
        "name": "赵大",
        "phone": "13955556666",
        "evidence": [photographed(estate, worker, "representative")],
    }
    with clock.at(NOW + HOUR):
        page = f"/work/votes/{vote_id}/roll/change?dwelling={door}"
        assert "登记代表人" in officer.get(page).get_data(as_text=True)
        made = officer.post("/api/v1/representatives", json=sent)
        assert made.status_code == 201, made.json
        assert "等另一人核对" in officer.get(page).get_data(as_text=True)
        assert officer.post(f"/api/v1/representatives/{made.json['id']}/confirmation", json={}).status_code == 403
        assert officer.post(f"/api/v1/representatives/{made.json['id']}/end", json={}).json["ended"]
        chen = make.signed_in(estate.accounts["chen"])
        assert chen.post("/api/v1/representatives", json=sent).status_code == 403


def test_one_officers_word_puts_nobody_on_the_register_and_the_end_takes_him_off(
    estate: Estate, worker: Staff, make: Factory
) -> None:
    door = estate.dwellings[6]
    made = entered(estate, worker, "zhao", 6, Ground.MINOR)
    who = representatives.representative_by_public_id(reading(), made).representative_id

    def registered() -> bool:
        return who in [person.id for _, person in people.holdings_of(reading(), door.id)]

    assert not registered(), "nobody could prove himself by the phone before the second officer"
    representing.confirm(made, by=STREET, now=NOW)
    assert registered()
    guardian = speaker(estate, make, made, 6)
    representing.end(made, by=STREET, now=NOW + HOUR)
    assert not registered()
    assert people.tie_of(reading(), guardian.account_id, door.id) is None
    assert people.tie_of(reading(), estate.accounts["zhao"].id, door.id) is not None


def test_an_officers_second_account_is_no_second_officer(estate: Estate, worker: Staff, other_account: Staff) -> None:
    made = entered(estate, worker, "zhao", 6, Ground.MINOR)
    with pytest.raises(NotAllowed) as same:
        representing.confirm(made, by=other_account, now=NOW)
    assert same.value.code == "same-person"


def test_the_log_names_the_papers_by_their_hash(estate: Estate, worker: Staff) -> None:
    made = entered(estate, worker, "zhao", 6, Ground.MINOR)
    proofs = proved_by(f"representative:{made}")
    assert len(proofs) == 1
    assert logged("representative.entered")["proofs"] == proofs
