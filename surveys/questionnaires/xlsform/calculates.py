"""The ``calculate`` rows of a form. We keep what people say and no sums of it, so a calculation is no question: it is
written out into the conditions that use it, where page and server work it out (``rules.amounts``)."""

import itertools
from collections.abc import Collection, Iterator, Sequence

from surveys.questionnaires.xlsform.syntax import Call, Node, Ref, Unsayable, parse
from surveys.questionnaires.xlsform.workbook import Row

MOST_PARTS = 1000
"""So long a condition may become. Each calculation may name the one before it twice, and that one too: thirty rows are
thousands of millions of parts."""


class Calculates:
    """Calculations by name."""

    def __init__(self, survey: Sequence[Row]) -> None:
        self._rows = {
            row.get("name"): row for row in survey if row.get("type").lower() == "calculate" and row.get("calculation")
        }
        self._used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def named_in(self, node: Node) -> set[str]:
        """The calculations a tree names itself."""
        if isinstance(node, Call):
            return {name for part in node.parts for name in self.named_in(part)}
        return {node.name} & self._rows.keys() if isinstance(node, Ref) else set()

    def written_out(self, node: Node) -> Node:
        """A tree with the calculations it names in their places. Raises Unsayable."""
        return self._written(node, (), itertools.count(1))

    def _written(self, node: Node, within: tuple[str, ...], parts: Iterator[int]) -> Node:
        if next(parts) > MOST_PARTS:
            raise Unsayable("算法一层套一层，写开来太长")
        if isinstance(node, Call):
            return Call(node.name, tuple(self._written(part, within, parts) for part in node.parts))
        if not isinstance(node, Ref) or node.name not in self._rows:
            return node
        if node.name in within:
            raise Unsayable("算法绕成了圈")
        row = self._rows[node.name]
        if row.get("relevant"):
            raise Unsayable("它自己有显示条件，不能写进别的条件")
        return self._written(parse(row.get("calculation")), (*within, node.name), parts)

    def use(self, names: Collection[str]) -> None:
        """Some condition holds these now, and with them those that they name."""
        for name in names:
            if name not in self._used:
                self._used.add(name)
                self.use(self.named_in(parse(self._rows[name].get("calculation"))))

    def told(self) -> Iterator[tuple[Row, str]]:
        """What became of each row."""
        for name, row in self._rows.items():
            if name in self._used:
                yield row, f"calculate {name} 不单独保存：它的算法写进了用到它的条件"
            else:
                yield row, f"calculate {name} 没有导入（算出来的项目，不是给人答的题）"
