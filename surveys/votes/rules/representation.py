"""Who votes for an owner that cannot, or for an organisation (民法典 §20–22, §61): by what right, as a closed list."""

from collections.abc import Mapping
from enum import StrEnum

WARD = "ward"
"""The relation of an owner whose legal representative votes for him."""


class Ground(StrEnum):
    """By what right somebody votes for an owner."""

    ORGANISATION = "organisation"
    MINOR = "minor"
    INCAPABLE = "incapable"


GROUND_WORDS: Mapping[Ground, str] = {
    Ground.ORGANISATION: "产权单位的法定代表人或授权代表",
    Ground.MINOR: "未成年业主的法定代理人",
    Ground.INCAPABLE: "无民事行为能力或限制民事行为能力业主的法定代理人",
}
IN_PLACE_OF_OWNER = frozenset({Ground.MINOR, Ground.INCAPABLE})
"""With these the owner himself no longer votes."""
