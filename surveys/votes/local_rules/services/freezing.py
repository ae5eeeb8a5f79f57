"""What local rules do to a vote: a draft begins with them, its notice keeps and freezes them. Steps of use cases."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from kernel.places.models import Place
from surveys.votes import queries
from surveys.votes.bylaws.models import DeemedVote
from surveys.votes.local_rules.models import VoteLocalRule
from surveys.votes.local_rules.queries import InForce, in_force
from surveys.votes.models import Vote
from surveys.votes.results import queries as results
from surveys.votes.results.models import ResultPlan
from surveys.votes.rules import local_rules as rules
from surveys.votes.rules.bodies import BY_MATTER
from surveys.votes.rules.catalogue import Electorate
from surveys.votes.rules.local_rules import KEYS, NO, OWNERS, YES
from surveys.votes.rules.roll import HeadcountMode
from surveys.votes.rules.terms import Clash, Terms
from surveys.votes.terms.queries import is_secret, keep_terms, terms_of

_CASTING = ("clash", "paper", "agent_limit", "bar_staff")


def notice_key(electorate: Electorate) -> str:
    """Which key says how long the notice of a vote of this electorate is."""
    return "owners_notice_days" if electorate in OWNERS else "residents_notice_days"


def values_of(session: Session, vote: Vote, local: InForce) -> dict[str, str]:
    """What a vote does as to every key that concerns it, as values of the register."""
    electorate = Electorate(vote.electorate)
    terms, secret = terms_of(session, vote), is_secret(session, vote)
    days = vote.voting_days
    if not days and vote.opens_at is not None and vote.closes_at is not None:
        days = (vote.closes_at - vote.opens_at).days
    found = {
        notice_key(electorate): str(vote.notice_days),
        "voting_days": str(days),
        "result_days": str(results.publicity_days(session, vote.id)),
        "public_delivery_days": str(local.number("public_delivery_days")),
    }
    if "voting_days_most" in local.entries:
        found["voting_days_most"] = str(days)
    if not secret:
        found |= {"clash": str(terms.clash), "paper": YES if terms.paper else NO}
        if not terms.paper:
            del found["clash"]
    if electorate in OWNERS:
        found |= {
            "agent_limit": str(terms.agent_limit),
            "bar_staff": YES if terms.bar_staff else NO,
            "headcount": vote.headcount,
            "parking": YES if vote.include_parking else NO,
            "deemed": YES if session.get(DeemedVote, vote.id) is not None else NO,
        }
    if any(motion.rule.split("@")[0] in BY_MATTER for motion in queries.motions_of(session, vote.id)):
        found |= {key: local.word(key) for key in ("recall_share", "recall_days")}
    return {key: found[key] for key in KEYS if key in found}


def freeze(session: Session, vote: Vote, place: Place, day: date) -> list[str]:
    """Keep the local rules of the notice's day with a vote; gives the keys that are laid down locally.

    Raises Conflict with what to change when the vote does not keep one of them.
    """
    local = in_force(session, place, day)
    values = values_of(session, vote, local)
    rules.must_keep(values, local.entries)
    rows = []
    for key, value in values.items():
        words, source = rules.printed(KEYS[key], value, local.entries.get(key))
        laid_down = local.entries[key].id if key in local.entries else None
        rows.append(
            {
                "vote_id": vote.id,
                "key": key,
                "value": value,
                "local_rule_id": laid_down,
                "words": words,
                "source": source,
            }
        )
    session.execute(sa.insert(VoteLocalRule), rows)
    return [key for key in values if key in local.entries]


def begin(session: Session, vote: Vote, local: InForce) -> None:
    """Let a new draft be cast and published as is laid down locally; where nothing is, the usual way needs no row."""
    if any(key in local.entries for key in _CASTING):
        stored = Terms(
            clash=Clash(local.word("clash")),
            paper=local.word("paper") == YES,
            agent_limit=local.number("agent_limit") if vote.electorate in OWNERS else 0,
            bar_staff=local.word("bar_staff") == YES,
        )
        keep_terms(session, vote, stored)
    if "result_days" in local.entries:
        session.add(ResultPlan(vote_id=vote.id, publicity_days=local.number("result_days")))
    session.flush()


def conform(session: Session, vote: Vote, local: InForce) -> list[str]:
    """Change a draft where it does not keep what is laid down, and only there; gives the keys that were changed."""
    found = rules.departures(values_of(session, vote, local), local.entries)
    asked = {each.key.key: each.entry.value for each in found}
    terms = terms_of(session, vote)
    for key, value in asked.items():
        match key:
            case "owners_notice_days" | "residents_notice_days":
                vote.notice_days, vote.opens_at = int(value), None
            case "voting_days" | "voting_days_most":
                vote.voting_days, vote.closes_at = int(value), None
            case "result_days":
                plan = results.plan_of(session, vote.id) or ResultPlan(vote_id=vote.id)
                plan.publicity_days = int(value)
                session.add(plan)
            case "headcount":
                vote.headcount = HeadcountMode(value)
            case "parking":
                vote.include_parking = value == YES
            case "deemed":
                session.execute(sa.delete(DeemedVote).where(DeemedVote.vote_id == vote.id))
    if asked.keys() & set(_CASTING):
        keep_terms(
            session,
            vote,
            Terms(
                clash=Clash(asked.get("clash", terms.clash)),
                paper=asked.get("paper", YES if terms.paper else NO) == YES,
                agent_limit=int(asked.get("agent_limit", terms.agent_limit)),
                bar_staff=asked.get("bar_staff", YES if terms.bar_staff else NO) == YES,
            ),
        )
    session.flush()
    return list(asked)
