"""The commands: ``flask --app wsgi GROUP COMMAND``. One file a group; help in Chinese; exit code 0, 1 or 2."""

import importlib

from flask import Flask

GROUPS = [
    # one line a group: module (its attribute is `group`)
    "portal.cli.audit",
    "portal.cli.books",
    "portal.cli.collection",
    "portal.cli.demo",
    "portal.cli.doctor",
    "portal.cli.jobs",
    "portal.cli.payments",
    "portal.cli.plan",
    "portal.cli.qr",
    "portal.cli.roster",
    "portal.cli.survey",
    "portal.cli.survey_forms",
    "portal.cli.survey_paper",
    "portal.cli.survey_retention",
    "portal.cli.survey_running",
    "portal.cli.user",
    "portal.cli.vote",
]


def install(app: Flask) -> None:
    """Register every group with the application."""
    for module in GROUPS:
        app.cli.add_command(importlib.import_module(module).group)
