"""Two people key the same paper, neither seeing the other's work; what differs, a third decides (DOMAIN §1.3, §2.3).

Pure rules: what was keyed comes in as flat mappings (field name → value), the caller keeps them.
"""

from collections.abc import Collection, Hashable, Mapping
from typing import Any

from kernel.errors import Invalid, NotAllowed

SAME_PERSON = NotAllowed("same-person", "这一步要由另一位工作人员来做，不能由同一个人完成。")


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """The fields in which two keyings differ, sorted; a field only one of them has differs, too."""
    missing = object()
    return sorted(name for name in {*first, *second} if first.get(name, missing) != second.get(name, missing))


def must_be_another(person: Hashable, earlier: Collection[Hashable]) -> None:
    """Raises NotAllowed when ``person`` already had a hand in it: who keys does not check himself."""
    if person in earlier:
        raise SAME_PERSON


def settled(first: Mapping[str, Any], second: Mapping[str, Any], decided: Mapping[str, Any]) -> dict[str, Any]:
    """What is agreed: what both keyed alike, and ``decided`` by a third, one of the two readings of each difference.

    A field that ``decided`` gives as None is left empty. Raises Invalid, by field, when a difference is not decided,
    when something is decided that does not differ, or when the decision is a reading nobody keyed.
    """
    differ = differences(first, second)
    faults: dict[str, list[str]] = {}
    for name in differ:
        if name not in decided:
            faults[name] = ["这一项两次录入不一致，请对着原件选定。"]
        elif decided[name] not in (first.get(name), second.get(name)):
            faults[name] = ["只能选两次录入中的一种；两次都不对，请作废重新录入。"]
    for name in sorted(set(decided) - set(differ)):
        faults[name] = ["这一项两次录入一致，不用裁定。"]
    if faults:
        raise Invalid("keying-not-settled", "还有不一致的地方没有裁定好，请逐项核对原件。", faults)
    agreed = {name: value for name, value in first.items() if name not in differ}
    return agreed | {name: value for name, value in decided.items() if value is not None}
