"""The beginning of a form that is filled in at a door: whose door it is, who came along, what the register knows."""

from surveys.questionnaires.xlsform.relevance import FACT_COLUMNS
from surveys.questionnaires.xlsform.sheets import SECOND_VISITOR, Cells

DOORS, VISITORS = "doors", "visitors"
"""Tables the form asks (``doors.csv``, ``visitors.csv``)."""
ALONE = "alone"
"""What stands in the table of second visitors for nobody."""


def rows(group: str) -> list[Cells]:
    """The rows that begin a form for our own endpoint; ``group``: the name of the group they stand in."""
    plain = "translate({}, 'abcdefghjkmnpqrstvwxyzOoIiLl -', 'ABCDEFGHJKMNPQRSTVWXYZ001111')"
    scanned = plain.format("substr(${door_scan}, string-length(${door_scan}) - 10)")
    typed = plain.format("${door_typed}")
    label = f"pulldata('{DOORS}', 'label', 'code', ${{door}})"
    found: list[Cells] = [
        {"type": "begin_group", "name": group, "label": "门牌"},
        {"type": "barcode", "name": "door_scan", "label": "扫门上的码", "hint": "扫不了就跳过，在下一题输入。"},
        {
            "type": "text",
            "name": "door_typed",
            "label": "门牌上的 10 位编号",
            "relevant": "${door_scan} = ''",
            "required": "${door_scan} = ''",
        },
        {"type": "calculate", "name": "door", "calculation": f"if(${{door_scan}} != '', {scanned}, {typed})"},
        {"type": "calculate", "name": "door_label", "calculation": label},
        {
            "type": "text",
            "name": "door_unknown",
            "label": "名单里没有这个码",
            "hint": "请退回去重新扫或核对编号。新贴的码要先更新表格。这一题不能填，也跳不过去。",
            "relevant": "${door_label} = '' and ${door} != ''",
            "required": "yes",
            "constraint": "false()",
            "constraint_message": "请退回去，核对门牌上的编号。",
        },
        {
            "type": "note",
            "name": "door_known",
            "label": "这一户是 ${door_label}，请核对后再填。",
            "relevant": "${door_label} != ''",
        },
        {
            "type": f"select_one_from_file {VISITORS}.csv",
            "name": SECOND_VISITOR,
            "label": "和您一起入户的人",
            "hint": "入户要两个人。交上去以后，请他在自己的手机上确认；没有人确认的，按一个人入户算。",
            "required": "yes",
        },
    ]
    for column in FACT_COLUMNS.values():
        asked = f"pulldata('{DOORS}', '{column}', 'code', ${{door}})"
        found.append({"type": "calculate", "name": f"fact_{column}", "calculation": asked})
    found.append({"type": "end_group", "name": group})
    return found
