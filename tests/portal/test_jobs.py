"""The table of jobs: every timer has a name of its own and runs for every city; every drain runs on an empty city."""

from kernel import clock
from portal.jobs import DRAINS, HANDLERS, TIMERS, make_huey


def test_every_timer_is_kept_by_huey_under_a_name_of_its_own(app):
    huey = make_huey(app)
    assert len(huey._registry.periodic_tasks) == len(TIMERS)


def test_every_timer_and_every_drain_runs_on_a_city_where_nothing_happened(app):
    for job in [*(job for _, job in TIMERS), *DRAINS]:
        assert job(now=clock.now()) >= 0, job.__name__


def test_every_topic_has_somebody_who_hears_it():
    assert all(handlers for handlers in HANDLERS.values())


def test_the_runner_of_one_round_says_how_much_it_moved(app):
    result = app.test_cli_runner().invoke(args=["jobs", "pump"])
    assert result.exit_code == 0
    assert "处理了" in result.output
