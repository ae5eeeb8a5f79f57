"""What stands on the organiser's page of a vote: one part a feature, in the order of a vote's life.

A feature adds a line to ``PARTS``: its template, and a function that gives what the template shows as ``part``, or
None where there is nothing to show at this stage. The template is included in ``votes/staff_vote.html``, sees ``view``
and ``words``, and brings its own scripts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from kernel.clock import china_day
from surveys.votes import notice_sheet, queries
from surveys.votes.bylaws import queries as bylaws
from surveys.votes.clusters import queries as clusters
from surveys.votes.delivery import queries as deliveries
from surveys.votes.elections.services import reading as elections
from surveys.votes.local_rules import queries as local_rules
from surveys.votes.local_rules.services import freezing
from surveys.votes.paper import queries as paper
from surveys.votes.results import queries as results
from surveys.votes.rolls import queries as rolls
from surveys.votes.rules import catalogue
from surveys.votes.rules.clusters import VERDICT_WORDS
from surveys.votes.rules.lifecycle import State
from surveys.votes.rules.local_rules import KEYS, departures, printed
from surveys.votes.rules.terms import CLASH_WORDS
from surveys.votes.secret import queries as secret
from surveys.votes.services import reading as shown
from surveys.votes.terms.queries import terms_of

Shown = dict[str, Any]
Maker = Callable[[Session, shown.Notice, datetime], Shown | None]


@dataclass(frozen=True)
class Part:
    """A part of the page: its template, and what it shows."""

    template: str
    shown: Shown


def _cluster(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    cluster = clusters.cluster_of(session, view.vote.id)
    if cluster is None:
        return None
    whole = clusters.view(session, cluster)
    draft = all(each.vote.state == State.DRAFT for each in whole.assemblies)
    return {"view": whole, "verdicts": VERDICT_WORDS, "draft": draft}


def _local(session: Session, view: shown.Notice, now: datetime) -> Shown | None:
    if view.state is not State.DRAFT:
        return {"lines": local_rules.printed_on(session, view.vote.id), "departures": []}
    local = local_rules.in_force(session, view.place, china_day(now))
    values = freezing.values_of(session, view.vote, local)
    lines = [printed(KEYS[key], value, local.entries.get(key)) for key, value in values.items()]
    return {
        "lines": [{"words": text, "source": source} for text, source in lines],
        "departures": departures(values, local.entries),
    }


def _before(session: Session, view: shown.Notice, now: datetime) -> Shown | None:
    if view.state not in (State.DRAFT, State.PUBLISHED):
        return None
    waiting = rolls.open_objections(session, view.vote.id)
    over = view.vote.opens_at is not None and now >= view.vote.opens_at
    return {"may_open": over and not waiting, "notice_over": over, "objections": waiting}


def _silence(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    if view.electorate is not catalogue.Electorate.OWNERS:
        return None
    rule, draft = bylaws.deemed_rule(session, view.vote), view.state is State.DRAFT
    if rule is None and not draft:
        return None
    return {"rule": rule, "draft": draft, "usable": bylaws.usable_for(session, view.place) if draft else []}


def _delivery(session: Session, view: shown.Notice, now: datetime) -> Shown | None:
    if view.state not in (State.PUBLISHED, State.OPEN):
        return None
    shares = deliveries.shares_of(session, view.vote, by=now)
    return {"told": sum(each.told for each in shares), "flats": sum(each.flats for each in shares)}


def _extension(session: Session, view: shown.Notice, now: datetime) -> Shown | None:
    lines = notice_sheet.extension_lines(session, view.vote)
    may = shown.accepts_ballots(view.vote, now)
    return {"lines": lines, "may": may} if lines or may else None


def _casting(_session: Session, view: shown.Notice, now: datetime) -> Shown | None:
    if view.state is not State.OPEN:
        return None
    everyone = view.turnout.heads == view.vote.roll_heads
    return {"may_close": not shown.accepts_ballots(view.vote, now) or everyone}


def _secrecy(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    election, draft = secret.key_of(session, view.vote.id), view.state is State.DRAFT
    return {"election": election, "draft": draft} if election or (draft and may_be_secret(view)) else None


def _counting(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    if view.state is not State.CLOSED:
        return None
    return {"secret": secret.key_of(session, view.vote.id) is not None}


def _publicity(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    return {"days": results.publicity_days(session, view.vote.id)} if view.state is State.DRAFT else None


def _result(session: Session, view: shown.Notice, now: datetime) -> Shown | None:
    standing = results.standing_of(session, view.vote.id)
    if standing is None:
        return None
    waiting = sum(each.answered_at is None for each in results.objections_of(session, view.vote.id))
    return {"stage": standing.stage, "ends_at": standing.ends_at, "open": waiting, "over": now >= standing.ends_at}


def _ties(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    if view.state is not State.RESULT:
        return None
    waiting, drawn = elections.ties(session, view.vote), elections.lots(session, view.vote)
    final = results.is_final(session, view.vote.id)
    return {"ties": waiting, "lots": drawn, "final": final} if waiting or drawn else None


def may_be_secret(view: shown.Notice) -> bool:
    """Whether every motion is an election of residents; owners must be named."""
    return view.electorate is not catalogue.Electorate.OWNERS and all(
        motion.rule.form is catalogue.Form.ELECTION for motion in view.motions
    )


def _terms(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    if view.state is not State.DRAFT:
        return None
    return {
        "terms": terms_of(session, view.vote),
        "secret": secret.key_of(session, view.vote.id) is not None,
        "owners": view.electorate is catalogue.Electorate.OWNERS,
        "clashes": CLASH_WORDS,
    }


def _paper(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    if view.state not in (State.OPEN, State.CLOSED) or not terms_of(session, view.vote).paper:
        return None
    return {"account": paper.account_of(session, view.vote.id)}


def _conflicts(session: Session, view: shown.Notice, _now: datetime) -> Shown | None:
    if view.state not in (State.OPEN, State.CLOSED) or secret.key_of(session, view.vote.id) is not None:
        return None
    return {"open": queries.open_conflicts(session, view.vote.id), "aside": queries.set_aside(session, view.vote.id)}


PARTS: list[tuple[str, Maker]] = [
    # template, what it shows
    ("votes/staff/secrecy.html", _secrecy),
    ("votes/staff/publicity.html", _publicity),
    ("votes/staff/terms.html", _terms),
    ("votes/staff/silence.html", _silence),
    ("votes/staff/cluster.html", _cluster),
    ("votes/staff/local_rules.html", _local),
    ("votes/staff/before.html", _before),
    ("votes/staff/delivery.html", _delivery),
    ("votes/staff/paper.html", _paper),
    ("votes/staff/conflicts.html", _conflicts),
    ("votes/staff/casting.html", _casting),
    ("votes/staff/extension.html", _extension),
    ("votes/staff/counting.html", _counting),
    ("votes/staff/result.html", _result),
    ("votes/staff/ties.html", _ties),
]


def parts(session: Session, view: shown.Notice, now: datetime) -> list[Part]:
    """The parts that have something to show for a vote as it stands."""
    made = ((template, maker(session, view, now)) for template, maker in PARTS)
    return [Part(template, part) for template, part in made if part is not None]
