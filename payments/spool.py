"""Sorting more lines than should be in memory: sorted runs in temporary files, merged as they are read."""

import heapq
import itertools
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import astuple
from typing import IO

from payments.rules.reconcile import Fact

RUN = 20_000
"""Lines sorted at once; a day with fewer never touches the disk."""


def in_order(facts: Iterable[Fact], *, run: int = RUN) -> Iterator[Fact]:
    """The same lines sorted by all they say; memory holds ``run`` of them whatever their number."""
    source = iter(facts)
    first = sorted(itertools.islice(source, run))
    if len(first) < run:
        yield from first
        return
    with ExitStack() as stack:
        files = [_written(stack, first)]
        del first
        while chunk := sorted(itertools.islice(source, run)):
            files.append(_written(stack, chunk))
        yield from heapq.merge(*(_read(file) for file in files))


def _written(stack: ExitStack, facts: list[Fact]) -> IO[str]:
    file = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115
    for fact in facts:
        file.write(json.dumps(astuple(fact), ensure_ascii=True) + "\n")
    file.seek(0)
    return file


def _read(file: IO[str]) -> Iterator[Fact]:
    for line in file:
        yield Fact(*json.loads(line))
