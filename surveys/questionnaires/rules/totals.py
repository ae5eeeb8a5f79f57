"""The figures of several places added up from what each may show."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from surveys.questionnaires.rules.tally import Cell, Figure, Row


def together(parts: Sequence[Sequence[Figure]]) -> list[Figure]:
    """The figures of several places added up from what each may show. A cell some places hide is summed over the
    others, over their respondents alone: the total is made of nothing that is not public already, so that taking
    places away from it, in whatever way they are grouped, gives nothing that was hidden."""
    found: list[Figure] = []
    by_code: dict[str, list[Figure]] = {}
    for part in parts:
        for figure in part:
            by_code.setdefault(figure.code, []).append(figure)
    for same in by_code.values():
        rows = tuple(
            _added([figure.rows[index] for figure in same if len(figure.rows) == len(same[0].rows)])
            for index in range(len(same[0].rows))
        )
        found.append(replace(same[0], rows=rows))
    return found


def _added(rows: Sequence[Row]) -> Row:
    first = rows[0]
    cells = []
    for index, cell in enumerate(first.cells):
        shown = [(row, row.cells[index]) for row in rows if row.cells[index].n is not None]
        n = sum(each.n or 0 for _, each in shown) if shown else None
        cells.append(Cell(cell.code, cell.label, n, sum(row.of(each) for row, each in shown)))
    known = [row for row in rows if row.respondents is not None]
    return Row(
        first.label,
        sum(row.respondents or 0 for row in known) if known else None,
        tuple(cells),
        _pair([row.mean_of for row in rows]),
        _pair([row.satisfied for row in rows]),
        first.points,
        sum(row.full or 0 for row in rows) if first.points else None,
    )


def _pair(pairs: Iterable[tuple[int, int] | None]) -> tuple[int, int] | None:
    known = [pair for pair in pairs if pair is not None]
    return (sum(pair[0] for pair in known), sum(pair[1] for pair in known)) if known else None
