"""The result sheet on A4, for the notice board."""

import functools
from typing import Any

from surveys.votes.a4 import document, gap, table, text, together
from surveys.votes.result_sheet import WITHOUT_HEADS, MotionSheet, Sheet


@functools.lru_cache(maxsize=64)
def pdf(sheet: Sheet) -> bytes:
    """The sheet as PDF bytes; the same sheet gives the same bytes, drawn once."""
    story: list[Any] = [text("表决结果公示", "title"), text(sheet.title, "head"), text(sheet.stage_text)]
    story.append(table([[text(label), text(value)] for label, value in sheet.facts], (35, 135), header=False))
    for motion in sheet.motions:
        story += _motion(motion)
    if sheet.small:
        story.append(text("参加的房屋较少，本表只列合计。", "small"))
    end = [
        *[text(line, "small") for line in sheet.notes],
        text("百分比只供看，是否通过按整数计算。", "small"),
        text(f"计票结果指纹 {sheet.tally_hash}", "small"),
        text(f"名册指纹 {sheet.roll_hash}", "small"),
        gap(8),
        table(
            [
                [
                    text("计票人："),
                    text("监票人："),
                    text("（盖章）\u00a0\u00a0\u00a0\u00a0年\u00a0\u00a0\u00a0\u00a0月\u00a0\u00a0\u00a0\u00a0日"),
                ]
            ],
            (50, 50, 70),
            header=False,
            grid=False,
        ),
    ]
    # Nobody signs an empty page: the line for it stays with what it is about.
    return document([*story, gap(4), together(end)], f"{sheet.title} 表决结果")


def _motion(motion: MotionSheet) -> list[Any]:
    parts = [text(f"{motion.title}：{motion.verdict}", "head")]
    parts += [text(line) for line in motion.missing]
    if motion.names:
        rows = [[text(word) for word in ("名次", "候选人", "得票", "结果")]]
        rows += [
            [text(str(each.rank)), text(each.name), text(each.votes), text(each.standing)] for each in motion.names
        ]
        parts.append(table(rows, (16, 42, 82, 30)))
    width = 120 / max(len(motion.heads) - 1, 1)
    rows = [[text(word) for word in motion.heads], *[[text(word) for word in row] for row in motion.rows]]
    parts.append(table(rows, (50, *[width] * (len(motion.heads) - 1))))
    if motion.without:
        parts.append(text("对照表：分别不计下列选票时的结论" + ("（有结论改变，请法律审查）" if motion.flips else "")))
        rows = [[text(word, "small") for word in each] for each in (WITHOUT_HEADS, *motion.without)]
        parts.append(table(rows, (32, 18, 30, 20, 70)))
    return [*parts, text(f"依据：{motion.clause}。{motion.rule_text}", "small")]
