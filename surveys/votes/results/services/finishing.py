"""The final word on a result: by the clock where nothing is in doubt, by the street where something is."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import idempotency, outbox
from kernel.database import transaction, use_case
from kernel.idempotency import Key
from surveys.votes import queries
from surveys.votes.elections import queries as elections
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.results import rules
from surveys.votes.results.models import ResultStanding
from surveys.votes.results.rules import Answered, Doubt, Ruling, Stage
from surveys.votes.results.services.objecting import record
from surveys.votes.rules.nominations import tied_groups
from surveys.votes.services.preparing import Staff, must_manage
from surveys.votes.words import instant_text

CLOCK = Staff("clock", None, trusted=True)


@use_case
def finalise(vote_id: str, *, by: Staff, now: datetime, key: Key | None = None) -> str:
    """Say that a result is final, after its publicity and with every objection settled. Gives the vote.

    Raises NotAllowed, Conflict naming what is missing.
    """
    with transaction(serializable=True) as session:
        done = idempotency.recall(session, key)
        if done:
            return done
        vote = queries.vote_for_update(session, vote_id)
        must_manage(session, by, queries.place_of(session, vote), now)
        _finish(session, vote, results.standing_for_update(session, vote.id), by=by, now=now)
        idempotency.remember(session, key, vote.public_id, now=now)
        return vote.public_id


@use_case
def finish_by_clock(vote_id: str, *, now: datetime) -> bool:
    """The publicity is over: where nothing is in doubt the result becomes final by itself; else it waits for the
    street's word, and the log says why. True when it became final; told twice, done once.
    """
    with transaction(serializable=True) as session:
        vote = queries.vote_for_update(session, vote_id)
        standing = results.standing_for_update(session, vote.id)
        if standing.stage == Stage.FINAL or now < standing.ends_at:
            return False  # somebody was faster, or a recount has moved the end: another news comes then
        doubts = doubts_of(session, vote, standing)
        if doubts:
            record(session, vote, "vote.final_waits", CLOCK.actor, now, {"doubts": [str(each) for each in doubts]})
            return False
        _finish(session, vote, standing, by=CLOCK, now=now)
        return True


def doubts_of(session: Session, vote: Vote, standing: ResultStanding) -> list[Doubt]:
    """Why a result needs a person's word to become final; empty when the clock may say it."""
    counted = queries.result_of(session, vote.id)
    assert counted is not None
    objections = results.objections_of(session, vote.id)
    runoffs = elections.runoffs_of(session, vote.id)
    motions = queries.motions_of(session, vote.id)
    said = {each["motion"]: each for each in counted.document["motions"]}
    return rules.doubts(
        provisional=standing.provisional,
        open_objections=sum(each.answered_at is None for each in objections),
        upheld=any(each.ruling == Ruling.UPHELD for each in objections),
        flips=any(row["flips"] for row in counted.document.get("counterfactual", ()))
        or any("deemed" in each and each["carried"] != each["carried_cast"] for each in said.values()),
        tied=any(tied_groups(said[motion.public_id]) for motion in motions if motion.id not in runoffs),
    )


def _finish(session: Session, vote: Vote, standing: ResultStanding, *, by: Staff, now: datetime) -> None:
    objections = results.objections_of(session, vote.id)
    rules.may_become_final(
        Stage(standing.stage),
        ends_at=standing.ends_at,
        now=now,
        ends_text=instant_text(standing.ends_at),
        open_objections=sum(each.answered_at is None for each in objections),
        answered=[
            Answered(each.answered_at, Ruling(each.ruling)) for each in objections if each.answered_at and each.ruling
        ],
        recounts=[each.counted_at for each in results.recounts_of(session, vote.id)],
    )
    standing.stage, standing.final_at, standing.final_by = Stage.FINAL, now, by.actor
    counted = queries.result_of(session, vote.id)
    assert counted is not None
    record(session, vote, "vote.final", by.actor, now, {"tally_hash": counted.tally_hash})
    outbox.stage(session, "vote.final", {"vote": vote.public_id}, now=now)
