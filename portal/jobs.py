"""Who hears which news, and what the clock starts. One table, so that nothing calls sideways.

The pump drains the tables below every quarter of a second; huey keeps the timers.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from flask import Flask
from huey import SqliteHuey, crontab

from kernel import audit, clock, database, evidence, idempotency, outbox
from kernel.jobs import Drain
from kernel.outbox import Handler
from payments.cash_desk.services import adopting, overdue, taking, voiding
from payments.contributions.services import budgeting
from payments.handovers import services as handovers
from payments.publications import services as publications
from payments.reconciliation.services import days as reconciliation
from payments.refunds.batches.services import proposing, releasing
from payments.refunds.services import aging as refund_aging
from payments.refunds.services import converting
from payments.reminders import services as reminding
from payments.rollover import services as rollover
from payments.services import crediting, doubles, healing, keys, receipts, refunding
from payments.statements.services import importing as statements
from portal.auth import services as auth
from portal.bodies import jobs as groups
from portal.claims import services as claim_services
from portal.home_visits.services import keeping as home_visits
from portal.notices import services as notices
from portal.notices.jobs import ballots as ballot_notices
from portal.notices.jobs import dues, visits
from portal.notices.jobs import surveys as survey_news
from portal.notices.jobs import takings as money_notices
from portal.notices.jobs import votes as vote_news
from surveys.questionnaires.drafts import services as drafts
from surveys.questionnaires.exports.services import making as survey_exports
from surveys.questionnaires.paper.services import voiding as survey_voiding
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.reports.services import asking as survey_reports
from surveys.questionnaires.reports.services import making as survey_reports_making
from surveys.questionnaires.retention import services as survey_retention
from surveys.questionnaires.running import services as running
from surveys.questionnaires.second_visitors.services import answering, asking
from surveys.questionnaires.services import attachments, campaigns
from surveys.questionnaires.services.counting import drain_tally
from surveys.questionnaires.sheets.services import refresh_due
from surveys.questionnaires.standing.services import superseding
from surveys.votes import jobs as vote_jobs
from surveys.votes.assisted import services as ballot_codes
from surveys.votes.conflicts import services as ballot_conflicts
from surveys.votes.elections import jobs as election_jobs
from surveys.votes.extensions.services import EXTENDED
from surveys.votes.paper import services as ballot_papers
from surveys.votes.proxies import services as proxies
from surveys.votes.results import jobs as result_jobs
from surveys.votes.results.rules import PUBLICITY_OVER
from surveys.votes.rolls.services.objecting import ANSWERED
from surveys.votes.services import keeping

HANDLERS: dict[str, Sequence[Handler]] = {
    # topic: (handler, …)
    "claim.code": (claim_services.on_claim_code,),
    "claim.tie": (notices.on_new_tie, adopting.on_tie, groups.on_new_tie),
    "claim.decided": (notices.on_claim_decided,),
    crediting.PAID_TOPIC: (receipts.on_paid, doubles.on_paid),
    doubles.TWICE_TOPIC: (money_notices.on_maybe_twice,),
    healing.LOOK_TOPIC: (healing.on_look,),
    converting.TOPIC: (converting.on_convert,),
    refunding.REFUND_TOPIC: (refunding.on_refund,),
    proposing.TOPIC: (releasing.on_batch,),
    budgeting.PUBLISHED_TOPIC: (dues.on_budget_published,),
    reminding.TOPIC: (dues.on_reminder,),
    handovers.LEFT_TOPIC: (dues.on_left_with_flat,),
    rollover.ASKED_TOPIC: (dues.on_rollover_asked,),
    taking.TAKEN_TOPIC: (money_notices.on_taken,),
    voiding.VOIDED_TOPIC: (money_notices.on_voided,),
    superseding.TOLD_TOPIC: (survey_news.on_response_told,),
    running.REMIND_TOPIC: (survey_news.on_remind,),
    running.END_MOVED_TOPIC: (survey_news.on_end_moved,),
    survey_voiding.VOIDED_TOPIC: (survey_news.on_paper_void,),
    asking.NAMED_TOPIC: (survey_news.on_visit_named,),
    answering.DECLINED_TOPIC: (survey_news.on_visit_declined,),
    keeping.CAST: (ballot_notices.on_ballot_cast,),
    keeping.CONFLICT: (ballot_notices.on_ballot_conflict,),
    ballot_conflicts.SETTLED: (ballot_notices.on_ballot_settled,),
    ballot_codes.TOPIC: (ballot_notices.on_ballot_code,),
    ballot_papers.VOIDED: (ballot_notices.on_paper_void,),
    proxies.REGISTERED: (ballot_notices.on_proxy_registered,),
    "vote.close_due": (vote_jobs.on_close_due,),
    "vote.result": (vote_news.on_result,),
    PUBLICITY_OVER: (result_jobs.on_publicity_over,),
    "vote.recounted": (vote_news.on_recount,),
    "vote.final": (groups.on_vote_final, vote_news.on_final),
    "vote.objection_answered": (vote_news.on_result_answered,),
    "nominee.added": (vote_news.on_nominee,),
    "nominations.opened": (vote_news.on_nominations_opened,),
    "nominations.listed": (vote_news.on_nominations_listed,),
    "nominations.extended": (vote_news.on_nominations_extended,),
    "candidate.withdrawn": (vote_news.on_candidate_withdrawn,),
    home_visits.TOPIC: (visits.on_visit_told,),
    "recall.reached": (election_jobs.on_recall_reached,),
    "recall.lapses": (election_jobs.on_recall_lapses,),
    EXTENDED: (vote_news.on_vote_extended,),
    ANSWERED: (vote_news.on_roll_answered,),
}


def deliver_news(*, now: datetime) -> int:
    """Deliver the outbox to the handlers."""
    return outbox.deliver_due(HANDLERS, now=now)


def seal_audit(*, now: datetime) -> int:
    """Give new audit entries their place in the chain."""
    return audit.seal_new_entries(now=now)


def sign_checkpoint(*, now: datetime) -> int:
    """Sign the head of the audit chain once a day."""
    return 1 if audit.checkpoint(now=now) else 0


DRAINS: list[Drain] = [deliver_news, drain_tally, campaigns.run_clock, seal_audit]

TIMERS: list[tuple[str, Drain]] = [
    # (minute and hour of UTC, job); each runs for every city
    ("5 3", idempotency.forget_old),
    ("15 3", auth.forget_old),
    ("25 3", attachments.forget_unused),
    ("27 3", evidence.forget_loose),
    ("45 3", survey_exports.forget_old),
    ("* *", survey_exports.make_waiting),
    ("* *", release_waiting),
    ("* *", refresh_due),
    ("* *", survey_reports_making.make_waiting),
    ("50 3", survey_reports.forget_old),
    ("55 3", drafts.forget_old),
    ("15 4", survey_retention.forget_names),
    ("*/5 *", drafts.forget_submitted),
    ("0 0", sign_checkpoint),
    ("35 3", refund_aging.warn),
    ("38 3", dues.tell_of_handovers),
    ("40 3", home_visits.lapse),
    ("42 3", home_visits.forget_old),
    # Eight in the morning in China: whose box was not counted yesterday?
    ("0 0", overdue.warn),
    # WeChat Pay has the bill of a day from 10:00 of the next on; what failed is tried again.
    ("*/5 *", keys.renew_due),
    ("15 2,4,8", reconciliation.reconcile_due),
    ("35 2,4,8", statements.match_all),
    # Monday morning in China the week is published; a day on which it could not be is made up for the next.
    ("30 20", publications.publish_due),
]


def make_huey(app: Flask) -> SqliteHuey:
    """The timers of one deployment, in a file of its own, each running for every city."""
    folder: Path = app.extensions["gongjian.config"].var_dir
    folder.mkdir(parents=True, exist_ok=True)
    huey = SqliteHuey("gongjian", filename=str(folder / "huey.db"))
    for when, job in TIMERS:
        minute, hour = when.split()
        name = f"{job.__module__}.{job.__name__}"
        huey.periodic_task(crontab(minute=minute, hour=hour), name=name)(_for_every_city(app, job))
    return huey


def _for_every_city(app: Flask, job: Drain):
    def run() -> None:
        with app.app_context():
            for city in database.cities():
                with database.city_scope(city):
                    job(now=clock.now())

    return run
