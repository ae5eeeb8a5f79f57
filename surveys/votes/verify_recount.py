"""The auditor's part of ``surveys.votes.verify``: sums, seats and the counterfactual sheet counted from the choices."""

from collections import Counter
from typing import Any

from surveys.votes.verify_basics import CHOICES, Checks, approved, commitment, enough, joins, judged, with_silence


def recount(checks: Checks, bundle: dict[str, Any], lines: dict[int, list[Any]], silent: dict[str, Any] | None) -> None:
    opened = bundle["opened"]
    public = {ballot["receipt_no"]: ballot for ballot in bundle["ballots"] if ballot["counted"]}
    checks.that({each["receipt_no"] for each in opened} == set(public), "打开的就是计入的票")
    checks.that(sorted(each["line"] for each in opened) == sorted(bundle["took_part"]), "打开的票与参加的名册行相符")
    good = all(
        commitment(each["receipt_no"], each["line"], each["choices"], each["salt"])
        == public.get(each["receipt_no"], {}).get("commitment")
        for each in opened
    )
    checks.that(good, "每张票的内容与公开的承诺值相符")
    known = [each for each in opened if each["line"] in lines]
    for motion, said in zip(bundle["motions"], bundle["result"]["motions"], strict=True):
        made = _counted(motion, known, lines)
        title = motion["title"]
        for row in said["measures"]:
            words = ("took_part", *CHOICES) if motion["form"] == "question" else ("took_part", "blank", "invalid")
            for word in (word for word in words if word in row):
                total = made[row["measure"]][word]
                checks.that(total == row[word], f"《{title}》重新计票：{row['measure']} {word} = {total}")
        for row in said.get("candidates", ()):
            for measure in motion["rule"]["measures"]:
                total = made[measure][row["candidate"]]
                checks.that(total == approved(row, measure), f"《{title}》重新计票：得票 {measure} {total}")
        rows = [row for row in bundle["result"].get("counterfactual", ()) if row["motion"] == motion["id"]]
        _strike(checks, motion, said, rows, known, lines, silent)


def _counted(motion: dict[str, Any], ballots: list[dict[str, Any]], lines: dict[int, list[Any]]) -> dict[str, Any]:
    """Sums of one motion in both measures: who took part, each answer, each candidate (blank and invalid apart)."""
    sums: dict[str, Any] = {}
    for measure, column in (("heads", 2), ("area", 3)):
        found = sums[measure] = Counter()
        for each in ballots:
            choice, weight = each["choices"][motion["id"]], lines[each["line"]][column]
            found["took_part"] += weight
            if motion["form"] == "question":
                found[choice] += weight
                continue
            names = set(choice)
            if not names:
                found["blank"] += weight
            elif len(names) > motion["most"]:
                found["invalid"] += weight
            else:
                for name in names - set(motion["withdrawn"]):
                    found[name] += weight
    return sums


def _strike(
    checks: Checks,
    motion: dict[str, Any],
    said: dict[str, Any],
    rows: list[dict[str, Any]],
    opened: list[dict[str, Any]],
    lines: dict[int, list[Any]],
    silent: dict[str, Any] | None,
) -> None:
    """The counterfactual sheet, counted once more from the opened ballots and what is said of each."""
    kinds = [kind for kind in ("proxy", "paper", "helped", "disputed") if any(kind in each["marks"] for each in opened)]
    deemed = motion["form"] == "question" and silent is not None and bool(said["deemed"]["lines"])
    wanted = {*kinds, *(["deemed"] if deemed else [])}
    wanted |= {"all"} if len(wanted) > 1 else set()
    title = motion["title"]
    checks.that({row["without"] for row in rows} == wanted, f"《{title}》对照表的情形齐全")
    for row in rows:
        struck = set(kinds) if row["without"] == "all" else {row["without"]}
        left = [each for each in opened if not struck & set(each["marks"])]
        what = f"《{title}》对照表（{row['without']}）重新计票"
        checks.that(row["ballots"] == len(opened) - len(left), f"{what}：剔除的票数一致")
        sums = _counted(motion, left, lines)
        if motion["form"] == "question":
            made = [
                {"measure": each["measure"], "roll": each["roll"]}
                | {word: sums[each["measure"]][word] for word in ("took_part", *CHOICES)}
                for each in said["measures"]
            ]
            if silent is not None and row["without"] not in ("deemed", "all"):
                made = with_silence(made, joins(silent["mode"], made), silent)
            checks.that(row["carried"] == judged(motion["rule"], made), f"{what}：通过与否一致")
            if row["measures"] is not None:
                stated = [{name: each[name] for name in made[0]} for each in row["measures"]]
                checks.that(stated == made, f"{what}：数字一致")
        else:
            checks.that(row["elected"] == _elected(motion, said, sums), f"{what}：当选的人一致")


def _elected(motion: dict[str, Any], said: dict[str, Any], sums: dict[str, Any]) -> list[str]:
    """Who takes a seat by these sums, whole groups of equals at a time."""
    rule, order = motion["rule"], {name: place for lot in said.get("lots", ()) for place, name in enumerate(lot)}
    rolls = {row["measure"]: row["roll"] for row in said["measures"]}
    if not all(enough(rule["turnout"], sums[m]["took_part"], rolls[m]) for m in rule["measures"]):
        return []
    merit = {
        each["id"]: (*(sums[m][each["id"]] for m in motion["ranked_by"]), -order.get(each["id"], len(sums["heads"])))
        for each in motion["candidates"]
        if each["id"] not in motion["withdrawn"]
        and all(enough(rule["approval"], sums[m][each["id"]], sums[m]["took_part"]) for m in rule["measures"])
    }
    chosen: list[str] = []
    for best in sorted(set(merit.values()), reverse=True):
        group = [name for name, own in merit.items() if own == best]
        if len(chosen) + len(group) > motion["seats"]:
            break
        chosen += group
    return sorted(chosen)
