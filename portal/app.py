"""The application factory: settings in, application out. The one place that knows every part."""

import importlib
from collections.abc import Callable
from typing import Any

import flask_smorest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Config
from kernel import database
from kernel import logging as kernel_logging
from kernel.web import kept, packing, problems, rate_limits, request
from kernel.web.assets import install_assets
from portal import cli
from portal.settings import hand_down

BLUEPRINTS = [
    # one line a blueprint: module, attribute
    ("portal.health", "blp"),
    ("kernel.evidence.api_staff", "blp"),
    ("portal.home.pages", "public"),
    ("portal.home.pages", "resident"),
    ("portal.home.api_resident", "blp"),
    ("portal.work.pages_staff", "blp"),
    ("portal.work.pages_staff", "cash"),
    ("portal.work.api_staff", "blp"),
    ("portal.auth.pages_sign_in", "blp"),
    ("portal.auth.api_sessions", "blp"),
    ("portal.wechat.api_pages", "blp"),
    ("portal.claims.api_resident", "blp"),
    ("portal.claims.api_staff", "blp"),
    ("portal.notices.api_resident", "blp"),
    ("portal.notices.pages_resident", "blp"),
    ("portal.home_visits.api_resident", "blp"),
    ("portal.home_visits.api_staff", "blp"),
    ("portal.home_visits.pages_resident", "blp"),
    ("portal.home_visits.pages_staff", "blp"),
    ("surveys.questionnaires.api_public", "blp"),
    ("surveys.questionnaires.api_resident", "blp"),
    ("surveys.questionnaires.api_staff", "manage"),
    ("surveys.questionnaires.api_staff", "look"),
    ("surveys.questionnaires.corrections.api_staff", "blp"),
    ("surveys.questionnaires.yearly_mappings.api_staff", "blp"),
    ("surveys.questionnaires.authoring.api_staff", "blp"),
    ("surveys.questionnaires.authoring.pages_staff", "blp"),
    ("surveys.questionnaires.attempts.api_staff", "blp"),
    ("surveys.questionnaires.sheets.api_staff", "blp"),
    ("surveys.questionnaires.sheets.pages_staff", "blp"),
    ("surveys.questionnaires.reports.api_staff", "blp"),
    ("surveys.questionnaires.reports.pages_staff", "blp"),
    ("surveys.questionnaires.needs.api_public", "blp"),
    ("surveys.questionnaires.needs.api_resident", "blp"),
    ("surveys.questionnaires.needs.api_staff", "look"),
    ("surveys.questionnaires.needs.api_staff", "manage"),
    ("surveys.questionnaires.needs.pages_public", "blp"),
    ("surveys.questionnaires.needs.pages_resident", "blp"),
    ("surveys.questionnaires.needs.pages_staff", "blp"),
    ("surveys.questionnaires.pages_public", "blp"),
    ("surveys.questionnaires.pages_resident", "blp"),
    ("surveys.questionnaires.api_openrosa", "blp"),
    ("surveys.questionnaires.api_app_passwords", "blp"),
    ("surveys.questionnaires.pages_app_passwords", "blp"),
    ("surveys.questionnaires.drafts.api_resident", "blp"),
    ("surveys.questionnaires.drafts.pages_resident", "blp"),
    ("surveys.questionnaires.standing.api_resident", "blp"),
    ("surveys.questionnaires.standing.api_staff", "blp"),
    ("surveys.questionnaires.standing.pages_staff", "blp"),
    ("surveys.questionnaires.running.api_staff", "blp"),
    ("surveys.questionnaires.paper.api_staff", "blp"),
    ("surveys.questionnaires.mine.api_resident", "blp"),
    ("surveys.questionnaires.mine.pages_resident", "blp"),
    ("surveys.questionnaires.paper.pages_staff", "blp"),
    ("surveys.questionnaires.paper.api_resident", "blp"),
    ("surveys.questionnaires.paper.pages_resident", "blp"),
    ("surveys.questionnaires.running.pages_staff", "blp"),
    ("surveys.questionnaires.running.pages_staff", "calls"),
    ("surveys.questionnaires.exports.api_staff", "blp"),
    ("surveys.questionnaires.doors.api_staff", "blp"),
    ("surveys.questionnaires.exports.pages_staff", "blp"),
    ("surveys.questionnaires.doors.pages_staff", "blp"),
    ("surveys.questionnaires.visits.pages_staff", "blp"),
    ("surveys.questionnaires.second_visitors.api_staff", "mine"),
    ("surveys.questionnaires.second_visitors.api_staff", "visits"),
    ("surveys.questionnaires.second_visitors.pages_staff", "blp"),
    ("surveys.votes.api_public", "blp"),
    ("surveys.votes.api_resident", "blp"),
    ("surveys.votes.api_staff", "blp"),
    ("surveys.votes.api_staff", "auditors"),
    ("surveys.votes.pages_public", "blp"),
    ("surveys.votes.pages_resident", "blp"),
    ("surveys.votes.pages_staff", "blp"),
    ("surveys.votes.auditing.api_audit", "blp"),
    ("surveys.votes.auditing.pages_audit", "blp"),
    ("surveys.votes.bylaws.api_staff", "blp"),
    ("surveys.votes.bylaws.pages_staff", "blp"),
    ("surveys.votes.clusters.api_staff", "blp"),
    ("surveys.votes.clusters.pages_public", "blp"),
    ("surveys.votes.delegates.api_staff", "blp"),
    ("surveys.votes.delegates.pages", "desk"),
    ("surveys.votes.delegates.pages", "public"),
    ("surveys.votes.delivery.api_resident", "blp"),
    ("surveys.votes.delivery.api_staff", "blp"),
    ("surveys.votes.delivery.pages_staff", "blp"),
    ("surveys.votes.extensions.api_staff", "blp"),
    ("surveys.votes.local_rules.api_staff", "blp"),
    ("surveys.votes.local_rules.api_staff", "drafts"),
    ("surveys.votes.local_rules.pages", "public"),
    ("surveys.votes.local_rules.pages", "desk"),
    ("surveys.votes.representatives.api_staff", "blp"),
    ("surveys.votes.rolls.api_public", "blp"),
    ("surveys.votes.rolls.api_resident", "blp"),
    ("surveys.votes.rolls.api_staff", "blp"),
    ("surveys.votes.rolls.pages_public", "blp"),
    ("surveys.votes.rolls.pages_resident", "blp"),
    ("surveys.votes.rolls.pages_staff", "blp"),
    ("surveys.votes.terms.api_staff", "blp"),
    ("surveys.votes.conflicts.api_resident", "blp"),
    ("surveys.votes.conflicts.api_staff", "blp"),
    ("surveys.votes.conflicts.pages_staff", "blp"),
    ("surveys.votes.proxies.api_resident", "blp"),
    ("surveys.votes.proxies.api_staff", "blp"),
    ("surveys.votes.proxies.api_staff", "manage"),
    ("surveys.votes.proxies.pages_staff", "blp"),
    ("surveys.votes.assisted.api_staff", "blp"),
    ("surveys.votes.assisted.pages_staff", "blp"),
    ("surveys.votes.paper.api_staff", "blp"),
    ("surveys.votes.paper.pages_staff", "blp"),
    ("surveys.votes.secret.api_public", "blp"),
    ("surveys.votes.secret.api_resident", "blp"),
    ("surveys.votes.secret.api_staff", "blp"),
    ("surveys.votes.secret.pages_public", "blp"),
    ("surveys.votes.results.api_public", "blp"),
    ("surveys.votes.results.api_resident", "blp"),
    ("surveys.votes.results.api_staff", "blp"),
    ("surveys.votes.results.pages_public", "blp"),
    ("surveys.votes.results.pages_staff", "blp"),
    ("surveys.votes.signature_sheets.api_staff", "blp"),
    ("surveys.votes.signature_sheets.pages_staff", "blp"),
    ("surveys.votes.elections.api_public", "blp"),
    ("surveys.votes.elections.api_resident", "blp"),
    ("surveys.votes.elections.api_staff", "blp"),
    ("surveys.votes.elections.pages_public", "blp"),
    ("surveys.votes.elections.pages_staff", "blp"),
    ("portal.bodies.api_public", "blp"),
    ("portal.bodies.api_staff", "blp"),
    ("portal.bodies.pages_public", "blp"),
    ("portal.bodies.pages_staff", "blp"),
    ("portal.estate_clusters.api_staff", "blp"),
    ("portal.estate_clusters.pages_staff", "blp"),
    ("portal.dashboards.pages_board", "blp"),
    ("portal.dashboards.api_board", "blp"),
    ("portal.dashboards.pages_city", "blp"),
    ("portal.dashboards.api_city", "blp"),
    ("payments.api_resident", "blp"),
    ("payments.api_public", "blp"),
    ("payments.api_notices", "blp"),
    ("payments.pages_resident", "blp"),
    ("payments.pages_public", "blp"),
    ("payments.publications.api_public", "blp"),
    ("payments.publications.api_resident", "blp"),
    ("payments.publications.pages_public", "blp"),
    ("payments.refunds.api_resident", "blp"),
    ("payments.refunds.api_staff", "blp"),
    ("payments.refunds.api_staff", "cashiers"),
    ("payments.refunds.pages_resident", "blp"),
    ("payments.refunds.pages_staff", "blp"),
    ("payments.refunds.pages_staff", "cashiers"),
    ("payments.cash_desk.api_staff", "cashiers"),
    ("payments.cash_desk.api_staff", "checkers"),
    ("payments.cash_desk.differences.api_staff", "blp"),
    ("payments.cash_desk.pages_staff", "cashiers"),
    ("payments.cash_desk.pages_staff", "checkers"),
    ("payments.contributions.api_resident", "blp"),
    ("payments.contributions.api_staff", "blp"),
    ("payments.contributions.pages_public", "blp"),
    ("payments.contributions.pages_resident", "blp"),
    ("payments.contributions.pages_staff", "blp"),
    ("payments.spending.api_staff", "signers"),
    ("payments.spending.api_staff", "street"),
    ("payments.spending.api_staff", "cashiers"),
    ("payments.spending.pages_staff", "signers"),
    ("payments.spending.pages_staff", "cashiers"),
    ("payments.reminders.api_staff", "blp"),
    ("payments.refunds.batches.api_staff", "blp"),
    ("payments.refunds.batches.pages_staff", "blp"),
    ("payments.alarms.api_staff", "blp"),
    ("payments.alarms.pages_staff", "blp"),
    ("payments.street_desk.pages_staff", "blp"),
    ("payments.budget_drafts.api_staff", "blp"),
    ("payments.budget_drafts.pages_staff", "blp"),
    ("payments.gates.api_staff", "readers"),
    ("payments.gates.api_staff", "street"),
    ("payments.gates.pages_staff", "blp"),
    ("payments.handovers.api_resident", "blp"),
    ("payments.handovers.api_staff", "blp"),
    ("payments.rollover.api_resident", "blp"),
    ("payments.rollover.api_staff", "blp"),
    ("payments.rollover.pages_resident", "blp"),
    ("payments.reconciliation.api_staff", "blp"),
    ("payments.reconciliation.pages_staff", "blp"),
    ("payments.reconciliation.pages_staff", "auditors"),
    ("payments.statements.api_staff", "blp"),
    ("payments.statements.pages_staff", "blp"),
    ("payments.account_days.api_staff", "blp"),
    ("payments.account_days.pages_staff", "blp"),
    ("payments.account_days.pages_staff", "auditors"),
]
"""Where the routes come from. Each names its guard; ``tests/architecture`` walks them all."""


MODELS = [
    # one line a module that declares tables; all are imported, so that keys between them resolve
    "kernel.places.models",
    "kernel.clusters.models",
    "kernel.people.models",
    "kernel.grants.models",
    "kernel.audit.models",
    "kernel.outbox.models",
    "kernel.idempotency.models",
    "kernel.jobs",
    "kernel.evidence.models",
    "portal.auth.models",
    "portal.wechat.models",
    "portal.claims.models",
    "portal.notices.models",
    "portal.home_visits.models",
    "surveys.questionnaires.models",
    "surveys.questionnaires.corrections.models",
    "surveys.questionnaires.yearly_mappings.models",
    "surveys.questionnaires.authoring.models",
    "surveys.questionnaires.publicly.models",
    "surveys.questionnaires.attempts.models",
    "surveys.questionnaires.sheets.models",
    "surveys.questionnaires.needs.models",
    "surveys.questionnaires.reports.models",
    "surveys.questionnaires.openrosa.models",
    "surveys.questionnaires.drafts.models",
    "surveys.questionnaires.standing.models",
    "surveys.questionnaires.running.models",
    "surveys.questionnaires.paper.models",
    "surveys.questionnaires.second_visitors.models",
    "surveys.questionnaires.exports.models",
    "surveys.votes.models",
    "surveys.votes.rolls.models",
    "surveys.votes.delegates.models",
    "surveys.votes.delivery.models",
    "surveys.votes.assisted.models",
    "surveys.votes.bylaws.models",
    "surveys.votes.local_rules.models",
    "surveys.votes.extensions.models",
    "surveys.votes.clusters.models",
    "surveys.votes.representatives.models",
    "surveys.votes.secret.models",
    "surveys.votes.results.models",
    "surveys.votes.elections.models",
    "surveys.votes.signature_sheets.models",
    "surveys.votes.terms.models",
    "surveys.votes.conflicts.models",
    "surveys.votes.paper.models",
    "surveys.votes.proxies.models",
    "payments.models",
    "payments.refunds.batches.models",
    "payments.alarms.models",
    "payments.cash_desk.models",
    "payments.cash_desk.differences.models",
    "payments.contributions.models",
    "payments.spending.models",
    "payments.reminders.models",
    "payments.gates.models",
    "payments.handovers.models",
    "payments.rollover.models",
    "payments.publications.models",
    "payments.reconciliation.models",
    "payments.refunds.models",
    "payments.statements.models",
    "payments.fund_flow.models",
    "payments.withdrawals.models",
    "payments.account_days.models",
    "portal.projects.models",
    "portal.bodies.models",
]


class _JsonApi(flask_smorest.Api):
    """flask-smorest for shapes and OpenAPI; errors are ours (``kernel.web.problems``)."""

    def _register_error_handlers(self) -> None:
        """None of its own: one table turns errors into answers."""


class _Application(Flask):
    """Flask that takes our word for it that no view and no step of a request is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Flask asks this of a dozen functions at every request, which costs a tenth of an empty one."""
        return func


def create_app(config: Config) -> Flask:
    """Make the application. Touches no database and no network, so that a bad setting fails at once."""
    kernel_logging.configure()
    for module in MODELS:
        importlib.import_module(module)
    app = _Application("gongjian", static_folder=None, template_folder=str(ROOT / "kernel/web/templates"))
    app.config.update(
        SECRET_KEY=config.secret_key,
        TESTING=config.environment == "test",
        API_TITLE="Gongjian 共建",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    hand_down(app, config)
    database.init_databases(app)
    problems.install(app)
    request.install(app, https=config.https)
    install_assets(app, root=ROOT, var=config.var_dir, watch=config.environment == "development")
    app.after_request(packing.pack)
    rate_limits.install(app, url=config.rate_limit_url, var=config.var_dir)
    if config.proxies:
        # Whose address a request comes from, for limits and for WeChat's page; no more is believed of a proxy.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    kept.install(app)
    api = _JsonApi(app)
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "s"})
    for module, attribute in BLUEPRINTS:
        blueprint: Any = getattr(importlib.import_module(module), attribute)
        if isinstance(blueprint, flask_smorest.Blueprint):
            api.register_blueprint(blueprint)
        else:
            app.register_blueprint(blueprint)
    cli.install(app)
    return app
