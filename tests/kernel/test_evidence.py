"""Proofs: who may hand one in, that each proves one record only, who may look, what is forgotten."""

import io
import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy.exc import DatabaseError

from kernel import clock, evidence
from kernel.audit.models import AuditEntry
from kernel.database import reading, transaction, use_case
from kernel.errors import Invalid, NotFound
from kernel.evidence.models import EvidenceUse
from kernel.evidence.rules import known_actions
from kernel.places.models import Place
from kernel.places.queries import ancestors
from kernel.storage import store


def picture(colour=(200, 30, 30)):
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def desk(make):
    estate = make.estate()
    worker, other, neighbour, officer = make.account(), make.account(), make.account(), make.account()
    make.grant(worker, "community_worker", estate)
    make.grant(other, "community_worker", estate)
    street = next(place for place in ancestors(reading(), estate) if place.kind == "street")
    make.grant(officer, "auditor", street)
    return {
        "estate": estate,
        "worker": make.signed_in(worker),
        "worker_account": worker,
        "other": make.signed_in(other),
        "neighbour": make.signed_in(neighbour),
        "auditor": make.signed_in(officer),
    }


def hand_in(visitor, estate, purpose="paper_ballot", data=None, key=None):
    return visitor.post(
        "/api/v1/evidence",
        data={"purpose": purpose, "place": estate.code, "file": (io.BytesIO(data or picture()), "p.jpg")},
        content_type="multipart/form-data",
        key=key,
    )


@use_case
def bind(files, subject, account, purpose="paper_ballot", place=None):
    with transaction() as session:
        place = place or session.scalar(sa.select(Place).where(Place.kind == "estate").order_by(Place.id).limit(1))
        return evidence.use(session, files, subject=subject, purpose=purpose, account_id=account.id, place=place)


def test_every_purpose_names_actions_that_exist():
    assert known_actions()


def test_a_proof_is_handed_in_bound_to_one_record_and_found_with_it(desk):
    first, second = (
        hand_in(desk["worker"], desk["estate"], data=picture(c)).json["file"] for c in [(1, 2, 3), (9, 9, 9)]
    )
    proofs = bind([second, first], "paper_ballot:x", desk["worker_account"])
    assert [proof.file for proof in proofs] == [second, first]
    assert evidence.of(reading(), "paper_ballot:x") == proofs
    assert evidence.of(reading(), "paper_ballot:y") == []
    with pytest.raises(Invalid) as refused:
        bind([first], "paper_ballot:y", desk["worker_account"])
    assert refused.value.code == "file-not-usable"
    assert evidence.of(reading(), "paper_ballot:y") == []


def test_only_the_uploader_binds_for_the_purpose_named_and_each_file_once(desk, make):
    file = hand_in(desk["worker"], desk["estate"]).json["file"]
    for files, account, purpose in [
        ([file], make.account(), "paper_ballot"),
        ([file], desk["worker_account"], "proxy"),
        ([file, file], desk["worker_account"], "paper_ballot"),
        (["nobody-made-this-file"], desk["worker_account"], "paper_ballot"),
    ]:
        with pytest.raises(Invalid):
            bind(files, "paper_ballot:x", account, purpose)
    assert bind([file], "paper_ballot:x", desk["worker_account"])


def test_a_role_at_the_place_is_needed_to_hand_in_and_a_picture_has_to_be_one(desk, make):
    assert hand_in(desk["neighbour"], desk["estate"]).status_code == 403
    assert hand_in(desk["worker"], make.estate("别的小区", code="elsewhere")).status_code == 403
    assert hand_in(desk["worker"], desk["estate"], purpose="lot").status_code == 403
    assert hand_in(desk["worker"], desk["estate"], purpose="nothing").status_code == 422
    answer = hand_in(desk["worker"], desk["estate"], data=b"%PDF-1.7 not a picture")
    assert (answer.status_code, answer.json["code"]) == (422, "not-a-picture")


def test_the_same_key_keeps_one_file_and_another_picture_under_it_is_refused(desk):
    key = str(uuid.uuid4())
    first = hand_in(desk["worker"], desk["estate"], key=key)
    again = hand_in(desk["worker"], desk["estate"], key=key)
    assert first.json == again.json
    assert hand_in(desk["worker"], desk["estate"], data=picture((0, 0, 0)), key=key).status_code == 422


def test_a_look_of_another_is_on_record_and_a_neighbour_finds_nothing(desk):
    file = hand_in(desk["worker"], desk["estate"]).json["file"]
    bind([file], "paper_ballot:x", desk["worker_account"])
    url = f"/api/v1/evidence/{file}"
    assert desk["neighbour"].get(url).status_code == 404
    assert desk["worker"].get(url).status_code == 200
    assert [entry for entry in reading().query(AuditEntry) if entry.action == "look.evidence"] == []
    seen = desk["auditor"].get(url)
    assert (seen.status_code, seen.mimetype, seen.headers["Cache-Control"]) == (200, "image/jpeg", "no-store")
    looks = [entry for entry in reading().query(AuditEntry) if entry.action == "look.evidence"]
    assert [look.subject for look in looks] == ["paper_ballot:x"]


def test_an_uploader_whose_role_is_over_sees_his_loose_files_only(desk, make):
    leaver = make.account()
    grant = make.grant(leaver, "community_worker", desk["estate"])
    visitor = make.signed_in(leaver)
    loose, bound = (hand_in(visitor, desk["estate"]).json["file"] for _ in range(2))
    bind([bound], "paper_ballot:z", leaver)
    with transaction() as session:
        session.merge(grant).revoked_at = clock.now()
    assert visitor.get(f"/api/v1/evidence/{loose}").status_code == 200
    assert visitor.get(f"/api/v1/evidence/{bound}").status_code == 404


def test_what_proved_nothing_within_thirty_days_is_forgotten_and_what_did_stays(desk):
    loose, bound = (hand_in(desk["worker"], desk["estate"]).json["file"] for _ in range(2))
    bind([bound], "paper_ballot:x", desk["worker_account"])
    assert evidence.forget_loose(now=clock.now() + timedelta(days=29)) == 0
    assert evidence.forget_loose(now=clock.now() + timedelta(days=31)) == 1
    assert desk["worker"].get(f"/api/v1/evidence/{loose}").status_code == 404
    assert desk["worker"].get(f"/api/v1/evidence/{bound}").status_code == 200


def test_what_a_proof_belongs_to_is_never_changed(desk):
    file = hand_in(desk["worker"], desk["estate"]).json["file"]
    bind([file], "paper_ballot:x", desk["worker_account"])
    with pytest.raises(DatabaseError), transaction() as session:
        session.query(EvidenceUse).update({"subject": "paper_ballot:y"})


def test_a_refused_upload_leaves_no_file_behind(desk, monkeypatch):
    deleted = []
    monkeypatch.setattr(type(store()), "delete", lambda self, key: deleted.append(key))
    assert hand_in(desk["neighbour"], desk["estate"]).status_code == 403
    assert len(deleted) == 1


def test_unknown_files_are_not_found(desk):
    assert desk["worker"].get("/api/v1/evidence/nobody").status_code == 404
    with pytest.raises(NotFound):
        evidence.picture("nobody", account_id=1, person_id=None, actor="x", now=clock.now())
