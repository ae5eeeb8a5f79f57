"""``flask doctor``: is this machine fit to serve? Database, migrations, clock, keys, disk, WeChat; what to do."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import click
from flask import current_app

from kernel import audit, clock, database, encryption, outbox
from kernel.errors import Unavailable
from kernel.outbound import upstream

ENOUGH_BYTES = 1 << 30
SKEW_S = 60


@dataclass(frozen=True)
class Check:
    """One thing looked at: ``ok``, what was found, what to do when it is not."""

    name: str
    ok: bool
    found: str


@click.command("doctor", help="体检：数据库、迁移、时钟、密钥、磁盘、微信是否可用。有问题时退出码为 1。")
@click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")
def group(as_json: bool) -> None:
    """Every check runs, also after one that failed."""
    config: Any = current_app.extensions["gongjian.config"]
    checks = [*_cities(), *_machine(config), *_neighbours(config)]
    if as_json:
        click.echo(json.dumps([check.__dict__ for check in checks], ensure_ascii=False))
    else:
        for check in checks:
            click.echo(f"{'好' if check.ok else '坏'}  {check.name}：{check.found}")
    sys.exit(0 if all(check.ok for check in checks) else 1)


def _cities() -> Iterator[Check]:
    for city in database.cities():
        with database.city_scope(city):
            try:
                session = database.reading()
                applied, newest = database.applied_migration(session), database.newest_migration()
                ahead = database.seconds_ahead(session, clock.now())
            except Exception as error:
                yield Check(f"数据库 {city}", False, f"连不上（{type(error).__name__}）。请检查 DATABASE_URL。")
                continue
            yield Check(f"数据库 {city}", True, "连得上")
            says = (
                "是最新的"
                if applied == newest
                else f"停在 {applied}，应是 {newest}。请运行 flask --app wsgi db upgrade"
            )
            yield Check(f"迁移 {city}", applied == newest, says)
            yield Check(f"数据库时钟 {city}", abs(ahead) < SKEW_S, f"快 {ahead:.1f} 秒")
            if applied == newest:
                dead = outbox.counts()["dead"]
                yield Check(f"消息 {city}", dead == 0, f"{dead} 条送不出去" if dead else "没有积压的死信")
                found = audit.verify()
                yield Check(f"审计链 {city}", found.ok, f"{found.sealed} 条，{'完好' if found.ok else found.faults[0]}")


def _machine(config: Any) -> Iterator[Check]:
    sealed = encryption.vault().seal("试", context="doctor")
    yield Check("密钥", encryption.vault().open(sealed, context="doctor") == "试", "能封能开")
    free = shutil.disk_usage(config.var_dir).free if config.var_dir.exists() else 0
    yield Check("磁盘", free > ENOUGH_BYTES, f"剩余 {free >> 20} MB（{config.var_dir}）")


def _neighbours(config: Any) -> Iterator[Check]:
    bases = {"wechat": ("微信公众号", config.wechat_api_base), "pay": ("微信支付", config.pay_base)}
    for name, (title, base) in bases.items():
        try:
            with upstream(name).session("job") as session:
                answer = session.get(base + "/")
        except Unavailable as error:
            yield Check(title, False, f"连不上（{error.code}）。缴款和登录暂时用不了，其余照常。")
            continue
        skew = _skew(answer.headers.get("Date"), clock.now())
        yield Check(title, abs(skew) < SKEW_S, f"连得上，对方时钟快 {skew:.0f} 秒")


def _skew(date: str | None, now: datetime) -> float:
    """Seconds the other side's clock is ahead; signatures older than 300 s are refused, so 60 is an alarm."""
    return (parsedate_to_datetime(date) - now).total_seconds() if date else 0.0
