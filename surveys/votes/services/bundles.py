"""What a finished vote hands out so that others can check it (``surveys.votes.verify`` does, without us).

A bundle is one JSON document:

* ``format``, ``kind`` (public or auditor), ``vote``, ``motions`` (each with its rule's shares as integers);
* ``roll``: the frozen hash, the canonical lines as frozen (number, kind, heads, area_dm2, doors, commitments of
  holders) and the amendments, each with its lines as they stand after it;
* ``took_part``: the numbers of the lines whose ballot counts, sorted, so that turnout can be summed by anyone;
* ``ballots``: receipt number, standing, whether it counts, and a salted commitment to line and choices, sorted by
  receipt number, so that their order says nothing;
* ``result`` and ``tally_hash``; ``standing`` (preliminary or final) and ``counts``: every count that was published;
* ``deemed``, where silence counts by adopted rules: which rules, how, and the numbers of the lines;
* for the auditor alone ``opened``: line, choices, salt and marks (proxy, paper, disputed) of every counted ballot.
"""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.database import reading
from kernel.encryption import vault
from kernel.errors import Conflict, NotFound
from surveys.votes import queries
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.models import Ballot, Motion, Vote
from surveys.votes.results import queries as results
from surveys.votes.rolls.services import building
from surveys.votes.rules import catalogue
from surveys.votes.rules.ballot import Paper
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.tally import Section
from surveys.votes.services import counting
from surveys.votes.services.counting import OpenedBallot
from surveys.votes.services.papers import papers_of, sections_of
from surveys.votes.services.preparing import Staff
from surveys.votes.verify import FORMAT
from surveys.votes.verify_basics import commitment


def salt_of(ballot_public_id: str) -> str:
    """The salt of a ballot's commitment: only the vault's key leads from the ballot to it."""
    return vault().blind_index("ballot-salt", ballot_public_id).hex()


def public_bundle(vote_id: str) -> dict[str, Any]:
    """The bundle for everybody. Raises NotFound, Conflict before the result is published."""
    session = reading()
    vote = _finished(session, vote_id)
    return _bundle(session, vote, counting.opened_ballots(session, vote))


def auditor_bundle(vote_id: str, *, by: Staff, reason: str, now: datetime) -> dict[str, Any]:
    """The bundle with every choice, for an auditor; the look is on record first.

    Raises NotAllowed without vote.audit at the place, Conflict before the result is published.
    """
    _finished(reading(), vote_id)
    opened = counting.open_for_audit(vote_id, by=by, reason=reason, now=now)
    session = reading()
    vote = queries.announced_vote(session, vote_id)
    made = _bundle(session, vote, opened)
    ids = {ballot.receipt_no: ballot.public_id for ballot in queries.ballots_of(session, vote.id)}
    made["kind"] = "auditor"
    made["opened"] = [
        {
            "receipt_no": each.receipt_no,
            "line": each.line,
            "choices": each.choices,
            "salt": salt_of(ids[each.receipt_no]),
            "marks": sorted(each.marks),
        }
        for each in sorted(opened, key=lambda ballot: ballot.receipt_no)
    ]
    return made


def own_opening(vote_id: str, receipt_no: str, *, account_id: int) -> dict[str, Any]:
    """A voter's own ballot with its salt, to hold against the public bundle.

    Raises NotFound for a ballot that is not this account's, Conflict before the result is published.
    """
    session = reading()
    vote = _finished(session, vote_id)
    cast = queries.ballot_by_receipt(session, vote.id, receipt_no)
    if cast is None or cast.account_id != account_id:
        raise NotFound("no-such-receipt", "没有找到这张回执。请核对编号。")
    opened = next((each for each in counting.opened_ballots(session, vote) if each.receipt_no == receipt_no), None)
    if opened is None:
        raise Conflict("not-counted", "这张票没有计入结果（迟到），所以没有可以核对的内容。")
    return {
        "receipt_no": receipt_no,
        "line": opened.line,
        "choices": opened.choices,
        "salt": salt_of(cast.public_id),
    }


def _finished(session: Session, vote_id: str) -> Vote:
    vote = queries.announced_vote(session, vote_id)
    if vote.state != State.RESULT:
        raise Conflict("no-result-yet", "结果还没有公布，公布以后才能核验。")
    return vote


def _bundle(session: Session, vote: Vote, opened: list[OpenedBallot]) -> dict[str, Any]:
    stored = queries.result_of(session, vote.id)
    assert stored is not None
    by_receipt = {each.receipt_no: each for each in opened}
    place = queries.place_of(session, vote)
    papers = papers_of(session, vote.id)
    return {
        "format": FORMAT,
        "kind": "public",
        "vote": {
            "id": vote.public_id,
            "title": vote.title,
            "place": place.code,
            "place_name": place.name,
            "electorate": vote.electorate,
            "headcount": vote.headcount,
            "include_parking": vote.include_parking,
            "opened_at": _moment(vote.opened_at),
            "closes_at": _moment(vote.closes_at),
            "closed_at": _moment(vote.closed_at),
            "text_hash": vote.text_hash,
        },
        "motions": [
            motion_as_json(motion, paper, section)
            for motion, paper, section in zip(
                queries.motions_of(session, vote.id), papers, sections_of(session, vote.id), strict=True
            )
        ],
        "roll": building.published_roll(session, vote),
        "took_part": sorted(each.line for each in opened),
        "ballots": [
            {
                "receipt_no": ballot.receipt_no,
                "standing": ballot.standing,
                "counted": ballot.receipt_no in by_receipt,
                "commitment": _commitment(ballot, by_receipt.get(ballot.receipt_no)),
            }
            for ballot in queries.ballots_of(session, vote.id)
        ],
        "result": stored.document,
        "tally_hash": stored.tally_hash,
        **history(session, vote),
        **_deemed(session, vote),
    }


def _deemed(session: Session, vote: Vote) -> dict[str, Any]:
    """By which adopted rules silence counts, and for which lines; nothing where it does not."""
    rule = bylaws.deemed_rule(session, vote)
    if rule is None:
        return {}
    return {
        "deemed": {
            "mode": str(rule.silence),
            "bylaws": rule.title,
            "adopted_on": rule.adopted_on.isoformat(),
            "lines": sorted(line.value.number for line in bylaws.deemed_lines(session, vote)),
        }
    }


def history(session: Session, vote: Vote) -> dict[str, Any]:
    """Where a result stands, and every count that was published, the first one first."""
    first, standing = queries.first_result_of(session, vote.id), results.standing_of(session, vote.id)
    assert first is not None
    assert standing is not None
    return {
        "standing": {
            "stage": standing.stage,
            "ends_at": _moment(standing.ends_at),
            "final_at": _moment(standing.final_at),
        },
        "counts": [
            {"document": first.document, "tally_hash": first.tally_hash, "counted_at": _moment(first.counted_at)},
            *[
                {
                    "document": each.document,
                    "tally_hash": each.tally_hash,
                    "counted_at": _moment(each.counted_at),
                    "reason": each.reason,
                    "changed": each.changed,
                }
                for each in results.recounts_of(session, vote.id)
            ],
        ],
    }


def _commitment(ballot: Ballot, opened: OpenedBallot | None) -> str | None:
    if opened is None:
        return None
    return commitment(ballot.receipt_no, opened.line, opened.choices, salt_of(ballot.public_id))


def motion_as_json(motion: Motion, paper: Paper, section: Section) -> dict[str, Any]:
    """A motion with its rule, as integers and words."""
    rule = section.rule
    return {
        "id": motion.public_id,
        "title": motion.title,
        "form": str(rule.form),
        "seats": motion.seats,
        "most": motion.most,
        "candidates": [{"id": candidate, "name": name} for candidate, name in paper.candidates],
        "alternates": section.alternates,
        "withdrawn": sorted(section.withdrawn),
        "ranked_by": [str(measure) for measure in rule.ranked_by],
        "rule": {
            "version": rule.version,
            "clause": rule.clause,
            "text": rule.text,
            "measures": [str(measure) for measure in rule.measures],
            "turnout": _share(rule.turnout),
            "approval": _share(rule.approval),
        },
    }


def _share(share: catalogue.Threshold) -> dict[str, Any]:
    return {"num": share.num, "den": share.den, "strict": share.strict}


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
