"""The words the residents' pages use for what the register stores."""

from kernel.people.models import Relation

RELATION_WORDS: dict[str, str] = {
    Relation.SELF: "本人",
    Relation.FAMILY: "家人",
    Relation.TENANT: "租客",
    Relation.REPRESENTATIVE: "代表",
    Relation.NEIGHBOUR: "邻居",
}

LEVEL_WORDS: dict[int, str] = {1: "只能填问卷", 2: "已核实"}


def on_behalf(relation: str) -> str:
    """The line that says for whom things are done here; "" for oneself."""
    if relation == Relation.SELF:
        return ""
    return f"您以“{RELATION_WORDS.get(relation, '代办人')}”的身份替这一户办事。"
