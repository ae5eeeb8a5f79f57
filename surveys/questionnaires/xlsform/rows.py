"""How many rows a repeat may have, as XLSForm says it and as our export says what XLSForm has no words for."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from surveys.questionnaires.rules.questions.repeats import MOST_ROWS
from surveys.questionnaires.xlsform.expressions import Find
from surveys.questionnaires.xlsform.syntax import Call, Literal, Node, Ref, Unsayable, parse
from surveys.questionnaires.xlsform.workbook import Row

_CHECK = re.compile(
    r"(?:\(.*\) and )?(?P<some>count\(\$\{[\w.-]+\}\) > 0 and )?"
    r"count\(\$\{(?P<name>[\w.-]+)\}\) (?P<sign>[<>]) (?P<number>\d+)",
    re.DOTALL,
)


def how_many(row: Row, find: Find, told: Callable[[Row, str], None]) -> dict[str, Any]:
    """What ``repeat_count`` says, as keys of our repeat; what is assumed without it is ``told``. Raises Unsayable."""
    text = row.get("repeat_count")
    if not text:
        told(row, f"没有写最多几份，按最多 {MOST_ROWS} 份收")
        return {"max": MOST_ROWS}
    node = parse(text)
    if isinstance(node, Literal):
        number = str(node.value)
        if not number.isdigit() or not 1 <= int(number) <= MOST_ROWS:
            raise Unsayable(f"份数要在 1 到 {MOST_ROWS} 之间")
        return {"min": int(number), "max": int(number), "required": True}
    target = find(node.name) if isinstance(node, Ref) else None
    if target is None or target.kind != "number" or target.decimals:
        raise Unsayable("只能写一个数，或者前面一个整数题")
    return {"max": MOST_ROWS, "rows_from": target.name}


def whole(node: Node, owners: Mapping[str, str]) -> Node:
    """``join('', ${field}) != ''`` is how our export says that some row is filled in: as said of the repeat itself.
    ``owners``: the repeats by the names of the fields inside them."""
    if not isinstance(node, Call):
        return node
    if node.name == "!=" and len(node.parts) == 2 and node.parts[1] == Literal("") and isinstance(node.parts[0], Call):
        joined, field = node.parts[0], node.parts[0].parts[-1:]
        if joined.name == "join" and joined.parts[:1] == (Literal(""),) and len(joined.parts) == 2:
            name = field[0].name if isinstance(field[0], Ref) else ""
            if name in owners:
                return Call("!=", (Ref(owners[name]), Literal("")))
    return Call(node.name, tuple(whole(part, owners) for part in node.parts))


def checked(row: Row) -> tuple[str, dict[str, Any]]:
    """What a field nobody can fill in says of a repeat: its name and keys of ours; ("", {}) for any other row."""
    found = _CHECK.fullmatch(row.get("relevant")) if row.get("constraint") == "false()" else None
    if found is None:
        return "", {}
    number = int(found["number"])
    if found["sign"] == ">":
        return found["name"], {"max": number}
    if found["some"]:
        return found["name"], {"min": number}
    return found["name"], {"required": True, **({"min": number} if number > 1 else {})}
