"""``flask jobs``: the runner of the pump and the timers."""

import signal
import threading
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup

from kernel import clock, database
from kernel.jobs import pump, pump_once
from portal.jobs import DRAINS, make_huey

group = AppGroup("jobs", help="后台任务：派送消息、封存审计、汇总计数、定时任务。")


@group.command("run", help="一直运行：每 0.25 秒派送一次，并按时执行定时任务。Ctrl-C 停止。")
@click.option("--timers/--no-timers", default=True, help="是否同时执行定时任务。")
def run(timers: bool) -> None:
    """The pump in the main thread, huey's consumer beside it."""
    app: Any = current_app
    stop = threading.Event()
    consumer = None
    if timers:
        consumer = make_huey(app._get_current_object()).create_consumer(
            workers=1, periodic=True, check_worker_health=False
        )
        consumer.start()
    # After the consumer's start: it takes the signals for itself, and the pump would never hear of them.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        pump(DRAINS, stop=stop)
    finally:
        if consumer is not None:
            consumer.stop(graceful=False)


@group.command("pump", help="派送一轮就结束（做完为止）。")
def pump_all() -> None:
    """Drain until nothing moves; for tests, scripts and quiet deployments."""
    total = 0
    for city in database.cities():
        with database.city_scope(city):
            while moved := pump_once(DRAINS, now=clock.now()):
                total += moved
    click.echo(f"处理了 {total} 项。")
