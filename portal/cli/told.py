"""What the register's commands share: the city, refusals in one sentence, and progress that fits where it is shown."""

import getpass
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from kernel import database
from kernel.errors import DomainError

CITY = click.option("--city", default=None, help="城市代号；只有一座城市时不用写。")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="给程序看的输出。")


def operator() -> str:
    """How the audit chain names who typed the command."""
    return f"operator:{getpass.getuser()}"[:80]


@contextmanager
def in_city(city: str | None, *, refusal: int = 1) -> Iterator[None]:
    """Run in one city; a refusal is one sentence on stderr and the exit code ``refusal``."""
    names = database.cities()
    if city is None and len(names) > 1:
        raise click.UsageError(f"有多座城市，请用 --city 指明：{'、'.join(names)}")
    if city is not None and city not in names:
        raise click.UsageError(f"没有“{city}”这座城市。可用：{'、'.join(names)}")
    with database.city_scope(city or names[0]):
        try:
            yield
        except DomainError as error:
            click.echo(error.detail, err=True)
            sys.exit(refusal)


@contextmanager
def progress_shown(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Give ``tell(phase, done, of)``: a bar on a terminal, a plain line each quarter elsewhere, nothing if ``quiet``.

    All of it goes to stderr, so that stdout holds the answer alone.
    """
    if quiet:
        yield lambda phase, done, of: None
    elif sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:
        yield _plain_lines()


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        tasks: dict[str, int] = {}

        def tell(phase: str, done: int, of: int) -> None:
            if phase not in tasks:
                tasks[phase] = progress.add_task(phase, total=of)
            progress.update(tasks[phase], completed=min(done, of), total=of)  # type: ignore[arg-type]

        yield tell


def _plain_lines() -> Callable[[str, int, int], None]:
    told: dict[str, int] = {}

    def tell(phase: str, done: int, of: int) -> None:
        quarter = done * 4 // max(of, 1)
        if quarter > told.get(phase, 0):
            told[phase] = quarter
            click.echo(f"{phase}：{min(done, of)}/{of}", err=True)

    return tell
