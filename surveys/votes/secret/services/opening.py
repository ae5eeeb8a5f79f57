"""From envelopes to a result: what goes to the trustees, what comes back, what everybody can check."""

import base64
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel import audit, idempotency
from kernel.database import reading, transaction, use_case
from kernel.errors import Conflict, DomainError, Invalid
from kernel.idempotency import Key
from surveys.votes import ceremony, queries, verify_secret
from surveys.votes.models import Vote
from surveys.votes.rolls.services import building
from surveys.votes.rules import envelope, lifecycle
from surveys.votes.rules.ballot import Answer, Paper
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.tally import Cast
from surveys.votes.secret import queries as secret
from surveys.votes.secret.models import SecretOpening
from surveys.votes.services import bundles, counting
from surveys.votes.services.papers import papers_of, sections_of
from surveys.votes.services.preparing import Staff, must_manage


@use_case
def envelopes(vote_id: str, *, by: Staff, now: datetime) -> dict[str, Any]:
    """The last envelopes of a closed secret vote for the trustees: no line, no receipt, no time; sorted by hash.

    Handing them out is on record with the hash of the set. Raises NotAllowed, Conflict (not closed, a named vote).
    """
    with transaction() as session:
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        key = secret.must_be_secret(session, vote.id)
        if vote.state not in (State.CLOSED, State.RESULT):
            raise Conflict("still-open", "投票截止以后才能导出信封。")
        sealed = secret.counted_envelopes(session, vote.id)
        marked = envelope.set_hash(secret.counted_hashes(session, vote.id))
        audit.record(
            session,
            actor=by.actor,
            action="vote.envelopes_exported",
            subject=f"vote:{vote.public_id}",
            now=now,
            payload={"envelopes": len(sealed), "envelopes_hash": marked},
        )
        return {
            "format": ceremony.ENVELOPES_FORMAT,
            "vote": vote.public_id,
            "title": vote.title,
            "text_hash": vote.text_hash,
            "fingerprint": key.fingerprint,
            "papers": [ceremony.paper_to_json(paper) for paper in papers_of(session, vote.id)],
            "envelopes": [base64.b64encode(each).decode() for each in sealed],
        }


@use_case
def open_envelopes(vote_id: str, opened: dict[str, Any], *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Take what the trustees opened, count it and publish the result; gives the vote's public id.

    ``opened``: the ceremony's document. Raises NotAllowed, Conflict (not closed, a named vote), Invalid when it is not
    of this vote's envelopes, the numbers do not add up, or a choice is not lawful.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        stored_key = secret.must_be_secret(session, vote.id)
        lifecycle.advance(State(vote.state), State.RESULT)
        papers = papers_of(session, vote.id)
        ballots = _checked(vote, stored_key.fingerprint, papers, secret.counted_hashes(session, vote.id), opened)
        invalid = int(opened["invalid"])
        session.add(SecretOpening(vote_id=vote.id, document=_kept(opened), imported_at=now, imported_by=by.actor))
        counting.publish(session, vote, _counted(session, vote, papers, ballots, invalid), by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


def recounted(session: Session, vote: Vote) -> dict[str, Any]:
    """The result of a secret vote, counted again from the numbers the trustees opened."""
    opened, papers = opening(session, vote), papers_of(session, vote.id)
    ballots = [
        dict(envelope.read_opened(papers, each["number"], each["choices"]).answers) for each in opened["ballots"]
    ]
    return _counted(session, vote, papers, ballots, int(opened["invalid"]))


def _counted(
    session: Session, vote: Vote, papers: list[Paper], ballots: list[dict[str, Answer]], invalid: int
) -> dict[str, Any]:
    # An invalid envelope took part and approves nobody (村民委员会组织法 §15 counts who took part in the vote).
    nobody: dict[str, Answer] = {paper.motion: frozenset() for paper in papers}
    casts = [Cast(answers, 1, 0) for answers in [*ballots, *[nobody] * invalid]]
    document = counting.document(session, vote, casts, named=False)
    document["ballots"].update({"secret": True, "invalid": invalid})
    for motion in document["motions"]:
        motion["measures"][0]["blank"] -= invalid
        motion["measures"][0]["invalid"] += invalid
    return document


def _checked(
    vote: Vote, fingerprint: str, papers: list[Paper], hashes: list[str], opened: dict[str, Any]
) -> list[dict[str, Answer]]:
    try:
        if opened["format"] != ceremony.OPENED_FORMAT:
            raise _wrong("这不是开箱结果文件。")
        if (opened["vote"], opened["text_hash"], opened["fingerprint"]) != (
            vote.public_id,
            vote.text_hash,
            fingerprint,
        ):
            raise _wrong("这是另一次选举的开箱结果。")
        if opened["envelopes_hash"] != envelope.set_hash(hashes) or opened["envelopes"] != len(hashes):
            raise _wrong("开箱的信封和系统里的不是同一批，请重新导出再开箱。")
        invalid, ballots = opened["invalid"], opened["ballots"]
        if type(invalid) is not int or invalid < 0 or len(ballots) + invalid != len(hashes):
            raise _wrong("号码的个数加上无效票，和信封的个数不相等。")
        found = [envelope.read_opened(papers, each["number"], each["choices"]) for each in ballots]
        numbers = [each.number for each in found]
        if numbers != sorted(numbers):
            raise _wrong("号码没有从小到大排好。")
    except DomainError:
        raise
    except (KeyError, TypeError, AttributeError) as error:
        raise _wrong("开箱结果文件的内容不完整。") from error
    return [dict(each.answers) for each in found]


def _wrong(detail: str) -> Invalid:
    return Invalid("opening-does-not-match", detail)


def _kept(opened: dict[str, Any]) -> dict[str, Any]:
    """Only what was checked is kept; anything else in the file is dropped."""
    return {
        "envelopes": opened["envelopes"],
        "envelopes_hash": opened["envelopes_hash"],
        "invalid": opened["invalid"],
        "ballots": [{"number": each["number"], "choices": each["choices"]} for each in opened["ballots"]],
    }


def opening(session: Session, vote: Vote) -> dict[str, Any]:
    """The published list of numbers and choices. Raises Conflict for a named vote or before it is opened."""
    secret.must_be_secret(session, vote.id)
    found = secret.opening_of(session, vote.id)
    if found is None:
        raise Conflict("not-opened-yet", "还没有开箱。截止以后，由保管人合起钥匙开箱，然后在这里逐张公布。")
    return found.document


def repeated_numbers(document: dict[str, Any]) -> list[str]:
    """Numbers that stand more than once: by chance about never, so worth a question."""
    return [number for number, times in Counter(each["number"] for each in document["ballots"]).items() if times > 1]


def bundle(vote_id: str) -> dict[str, Any]:
    """Everything anyone needs to count a secret vote again. Raises NotFound, Conflict before the result."""
    session = reading()
    vote = queries.announced_vote(session, vote_id)
    opened = opening(session, vote)
    key = secret.must_be_secret(session, vote.id)
    result = queries.result_of(session, vote.id)
    assert result is not None
    place = queries.place_of(session, vote)
    return {
        "format": verify_secret.FORMAT,
        "vote": {
            "id": vote.public_id,
            "title": vote.title,
            "place": place.code,
            "place_name": place.name,
            "electorate": vote.electorate,
            "text_hash": vote.text_hash,
            "public_key": key.public_key,
        },
        "motions": [
            bundles.motion_as_json(motion, paper, section)
            for motion, paper, section in zip(
                queries.motions_of(session, vote.id),
                papers_of(session, vote.id),
                sections_of(session, vote.id),
                strict=True,
            )
        ],
        "roll": building.published_roll(session, vote),
        "took_part": list(secret.counted_lines(session, vote.id)),
        "envelope_hashes": secret.counted_hashes(session, vote.id),
        "opened": opened["ballots"],
        "invalid": opened["invalid"],
        "result": result.document,
        "tally_hash": result.tally_hash,
        **bundles.history(session, vote),
    }
