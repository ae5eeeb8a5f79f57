"""``flask survey import``, ``export-form``, ``correct``: questionnaires from and to XLSForm, and their next wording."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from kernel import clock, database
from kernel.errors import Invalid
from portal.cli.survey import group
from portal.cli.told import AS_JSON, CITY, in_city, operator
from surveys.questionnaires import queries
from surveys.questionnaires.corrections import services as corrections
from surveys.questionnaires.services import forms
from surveys.questionnaires.xlsform import compiling, exporting, importing, kept, workbook

__all__ = ["group"]

SHOWN = 60


@group.command("import", help="从 XLSForm 表格（.xlsx）装入一份问卷；带不过来的逐行说明。")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--code", help="问卷代码；不写就用表格里的 form_id。")
@click.option("--dry-run", is_flag=True, help="只看能不能装入，不改动任何内容。")
@AS_JSON
@CITY
def import_form(path: Path, code: str | None, dry_run: bool, as_json: bool, city: str | None) -> None:
    """Exit code 1 when anything is refused: nothing is loaded then."""
    with in_city(city):
        found = importing.read_form(path.read_bytes(), code=code)
        told: dict[str, Any] = {
            "questions": found.questions,
            "refused": [vars(remark) for remark in found.refused],
            "listed": [vars(remark) for remark in found.listed],
            "loaded": False,
        }
        if not as_json:
            _tell(found)
        if found.document is not None and not dry_run:
            try:
                loaded = forms.load(found.document, actor=operator(), now=clock.now())
            except Invalid as refused:
                click.echo(refused.detail, err=True)
                sys.exit(1)
            told |= {"loaded": True, "code": loaded.code, "version": loaded.version.public_id, "new": loaded.new}
            if not as_json:
                word = "已装入" if loaded.new else "早已装入，没有变化"
                click.echo(f"{loaded.code} {loaded.version.edition} {word}。版本 {loaded.version.public_id}")
        if as_json:
            click.echo(json.dumps(told, ensure_ascii=False))
        sys.exit(1 if found.refused else 0)


def _tell(found: importing.Imported) -> None:
    for remark in found.listed[:SHOWN]:
        click.echo(f"  没有带过来　{remark}")
    if len(found.listed) > SHOWN:
        click.echo(f"  …… 还有 {len(found.listed) - SHOWN} 条，用 --json 看全部。")
    for remark in found.refused:
        click.echo(f"  不能装入　　{remark}", err=True)
    if found.refused:
        click.echo(f"有 {len(found.refused)} 处不能装入，没有改动任何内容。", err=True)
    else:
        click.echo(f"{found.questions} 题可以装入，{len(found.listed)} 处没有带过来。")


@group.command(
    "export-form",
    help="把一版问卷写成 XLSForm 表格（.xlsx），给 ODK、KoBo 等使用。",
    context_settings={"ignore_unknown_options": True},  # one id in 64 begins with a hyphen
)
@click.argument("version")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@CITY
def export_form(version: str, out: Path, city: str | None) -> None:
    """``version``: the id that load and import print. The file is checked with pyxform before it is written."""
    with in_city(city):
        session = database.reading()
        read = forms.form_of(session, queries.version_by_public_id(session, version).id)
        made = exporting.export(read)
        data = workbook.written(kept.sheets_of(read, made))
        compiling.xform(data)
        out.write_bytes(data)
        for text in made.listed:
            click.echo(f"  别的软件看不到　{text}")
        told = f"pyxform 认可；{len(made.listed)} 处别的软件看不到，另存在 {workbook.KEPT} 表里，导回来不会丢。"
        click.echo(f"写好了 {out}：{len(made.fields)} 个填写项，{told}")


@group.command(
    "correct",
    help="让进行中的调查改用新的一版问卷，并说明新旧题目的对照。",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("campaign")
@click.argument("version")
@click.option(
    "--mapping", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="对照文件（JSON）。"
)
@click.option("--reason", help="为什么改正；留在记录里。")
@click.option("--propose", is_flag=True, help="只写出按相同代码推出来的对照，不改动任何内容。")
@CITY
def correct(
    campaign: str, version: str, path: Path | None, reason: str | None, propose: bool, city: str | None
) -> None:
    """Without ``--mapping`` everything must have kept its code. Exit code 1 with every question left unsaid."""
    with in_city(city):
        if propose:
            click.echo(json.dumps(corrections.proposed(campaign, version), ensure_ascii=False, indent=1))
            return
        if not reason:
            raise click.UsageError("请用 --reason 写明为什么改正。")
        try:
            mapping = json.loads(path.read_text(encoding="utf-8")) if path else {}
            corrections.correct(
                campaign,
                version=version,
                mapping=mapping,
                reason=reason,
                person_id=None,
                actor=operator(),
                now=clock.now(),
            )
        except ValueError:
            click.echo(f"{path} 不是完好的 JSON 文件。", err=True)
            sys.exit(1)
        except Invalid as refused:
            click.echo(refused.detail, err=True)
            for where, texts in refused.fields.items():
                click.echo(f"  {where}：{'；'.join(texts)}", err=True)
            sys.exit(1)
        click.echo("已改用新的一版；计数和结果都按新旧对照换过来了。")


@group.command(
    "remap",
    help="把进行中的调查最近一次改正的新旧对照换成另一份，重新统计。",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("campaign")
@click.option(
    "--mapping",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="对照文件（JSON）。",
)
@click.option("--reason", required=True, help="为什么换；留在记录里。")
@CITY
def remap(campaign: str, path: Path, reason: str, city: str | None) -> None:
    """Exit code 1 with every question left unsaid."""
    with in_city(city):
        try:
            mapping = json.loads(path.read_text(encoding="utf-8"))
            corrections.remap(
                campaign, mapping=mapping, reason=reason, person_id=None, actor=operator(), now=clock.now()
            )
        except ValueError:
            click.echo(f"{path} 不是完好的 JSON 文件。", err=True)
            sys.exit(1)
        except Invalid as refused:
            click.echo(refused.detail, err=True)
            for where, texts in refused.fields.items():
                click.echo(f"  {where}：{'；'.join(texts)}", err=True)
            sys.exit(1)
        click.echo("已换成新的对照，计数和结果都从答卷重新统计过了。")
