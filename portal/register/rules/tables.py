"""A sheet as it was read: its cells, and which of them are merged."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.register.rules.cells import Cell

Merge = tuple[tuple[int, int], tuple[int, int]]
"""((first row, first column), (last row, last column)), from 0, inclusive."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook. ``rows`` start at the sheet's first row and column, empty ones included."""

    name: str
    rows: Sequence[Sequence[Cell]]
    merges: Sequence[Merge] = field(default_factory=list)

    def cell(self, row: int, column: int) -> Cell:
        """Give the cell's own value, ``None`` outside the sheet."""
        cells = self.rows[row] if row < len(self.rows) else ()
        return cells[column] if column < len(cells) else None

    def merged_down(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Map each hidden cell of a merge that reaches over several rows to the cell that holds the text.

        Only down, within the first column of the merge: a title merged across says nothing about the columns under it.
        """
        return {
            (row, first[1]): first
            for first, last in self.merges
            for row in range(first[0] + 1, min(last[0], len(self.rows) - 1) + 1)
        }

    def top(self, count: int) -> list[list[Cell]]:
        """Give the first rows with merged cells filled down: a heading merged over two rows stands in both."""
        rows = [list(row) for row in self.rows[:count]]
        for (row, column), (first_row, first_column) in self.merged_down().items():
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = self.cell(first_row, first_column)
        return rows
