"""The ``calculate`` rows of a form. We keep what people say and no sums of it, so a calculation is no question: it is
written out into the conditions that use it, where page and server work it out (``rules.amounts``)."""

from collections.abc import Iterator, Sequence

from surveys.questionnaires.xlsform.syntax import Call, Node, Ref, Unsayable, parse
from surveys.questionnaires.xlsform.workbook import Row


class Calculates:
    """Calculations by name; ``used``: those that some condition holds now."""

    def __init__(self, survey: Sequence[Row]) -> None:
        self._rows = {
            row.get("name"): row for row in survey if row.get("type").lower() == "calculate" and row.get("calculation")
        }
        self.used: set[str] = set()

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    def named_in(self, node: Node) -> set[str]:
        """The calculations a tree names itself."""
        if isinstance(node, Call):
            return {name for part in node.parts for name in self.named_in(part)}
        return {node.name} & self._rows.keys() if isinstance(node, Ref) else set()

    def written_out(self, node: Node, within: tuple[str, ...] = ()) -> Node:
        """A tree with the calculations it names in their places. Raises Unsayable."""
        if isinstance(node, Call):
            return Call(node.name, tuple(self.written_out(part, within) for part in node.parts))
        if not isinstance(node, Ref) or node.name not in self._rows:
            return node
        if node.name in within:
            raise Unsayable("算法绕成了圈")
        row = self._rows[node.name]
        if row.get("relevant"):
            raise Unsayable("它自己有显示条件，不能写进别的条件")
        return self.written_out(parse(row.get("calculation")), (*within, node.name))

    def told(self) -> Iterator[tuple[Row, str]]:
        """What became of each row."""
        for name, row in self._rows.items():
            if name in self.used:
                yield row, f"calculate {name} 不单独保存：它的算法写进了用到它的条件"
            else:
                yield row, f"calculate {name} 没有导入（算出来的项目，不是给人答的题）"
