"""What every check of a bundle stands on: one text of a value, its hash, shares by cross-multiplication, silence.

Standard library only; written from the rules and not from the counting that is checked.
"""

import hashlib
import json
from typing import Any

CHOICES = ("approve", "against", "abstain")


def plain(value: Any) -> str:
    """The one text of a JSON value: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def commitment(receipt_no: str, line: int, choices: dict[str, Any], salt: str) -> str:
    """What the public bundle says instead of a choice."""
    return sha256(salt + "\n" + plain([receipt_no, line, choices]))


class Checks:
    """What was looked at: ``done`` in words, ``faults`` in words."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.faults: list[str] = []

    def that(self, holds: bool, what: str) -> None:
        """Note one check."""
        (self.done if holds else self.faults).append(what)


def enough(share: dict[str, Any], part: int, whole: int) -> bool:
    """part ÷ whole reaches num ÷ den (以上), or exceeds it (过半数): by cross-multiplication, never by percentages."""
    if part <= 0 or whole <= 0:
        return False
    left, right = part * share["den"], whole * share["num"]
    return left > right if share["strict"] else left >= right


def least(share: dict[str, Any], whole: int) -> int:
    """The smallest part that is enough, found by trying downwards from a safe bound."""
    if whole == 0:
        return 1
    part = whole * share["num"] // share["den"] + 2
    while part > 1 and enough(share, part - 1, whole):
        part -= 1
    return part


def joins(mode: str, measures: list[dict[str, Any]]) -> str | None:
    """What silence joins: the one answer that leads in every measure; under the other mode it only takes part."""
    if mode == "took_part":
        return "abstain"
    for choice in CHOICES:
        others = [other for other in CHOICES if other != choice]
        if all(row[choice] > row[other] for row in measures for other in others):
            return choice
    return None


def judged(rule: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Whether sums carry a motion: turnout and approval in every measure."""
    return bool(rows) and all(
        enough(rule["turnout"], row["took_part"], row["roll"])
        and enough(rule["approval"], row["approve"], row["took_part"])
        for row in rows
    )


def with_silence(rows: list[dict[str, Any]], choice: str | None, silent: dict[str, Any]) -> list[dict[str, Any]]:
    """The sums (roll, took_part and the three answers) with those deemed added to one answer."""
    made = []
    for row in rows:
        weight = silent[row["measure"]] if choice else 0
        kept = {name: row[name] for name in ("measure", "roll", "took_part", *CHOICES)}
        kept["took_part"] += weight
        if choice:
            kept[choice] += weight
        made.append(kept)
    return made


def approved(row: dict[str, Any], measure: str) -> int:
    """The heads or the area that approved a candidate."""
    return int(row["votes"] if measure == "heads" else row["area_dm2"])
