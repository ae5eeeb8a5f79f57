"""Check a vote's bundle without us: ``python -m surveys.votes.verify BUNDLE [--receipt NO] [--opening FILE]``.

Standard library only, no database, nothing of the product imported: it counts by its own code, written from the rules
and not from the counting that it checks. The bundle's form is told at the top of ``surveys/votes/services/bundles.py``.
Exit code 0: everything holds; 1: something does not, each named; 2: the file cannot be read.

Anyone checks with the public bundle: the roll is the frozen one, who took part stands on it once, turnout is as
stated, the outcome follows from the stated sums, the result's hash, that a receipt is included, and that an opened
ballot is the one committed to. With the auditor's bundle the sums themselves are recounted from the choices.
"""

import argparse
import itertools
import json
import sys
from pathlib import Path
from typing import Any

from surveys.votes.verify_basics import (
    CHOICES,
    Checks,
    approved,
    commitment,
    enough,
    joins,
    judged,
    least,
    plain,
    sha256,
    with_silence,
)
from surveys.votes.verify_recount import recount

FORMAT = "gongjian-vote-bundle-1"


def verify(bundle: dict[str, Any]) -> Checks:
    """Check everything a bundle of either kind lets one check. Raises KeyError or TypeError for another shape."""
    checks = Checks()
    result, motions = bundle["result"], bundle["motions"]
    lines = roll_lines(checks, bundle)
    took_part = bundle["took_part"]
    checks.that(len(set(took_part)) == len(took_part), "参加投票的名册行没有重复")
    checks.that(all(number in lines for number in took_part), "参加投票的都在名册上")
    counted = [ballot for ballot in bundle["ballots"] if ballot["counted"]]
    late = [ballot for ballot in bundle["ballots"] if ballot["standing"] == "late"]
    checks.that(len(counted) == len(took_part) == result["ballots"]["counted"], "计入的票数与参加的名册行数一致")
    checks.that(len(late) == result["ballots"]["late"], "迟到未计的票数一致")
    receipts = [ballot["receipt_no"] for ballot in bundle["ballots"]]
    checks.that(len(set(receipts)) == len(receipts), "回执编号没有重复")
    checks.that(sha256(plain(result)) == bundle["tally_hash"], "结果的指纹一致")
    checks.that(result["text_hash"] == bundle["vote"]["text_hash"], "计的是公告的那份选票")
    here = [lines[number] for number in took_part if number in lines]
    turnout = {"heads": sum(row[2] for row in here), "area": sum(row[3] for row in here)}
    silent = _silence(checks, bundle, lines)
    for motion, said in zip(motions, result["motions"], strict=True):
        _outcome(checks, motion, said, turnout)
        if motion["form"] == "question":
            _heard(checks, motion, said, silent)
    _history(checks, bundle)
    _sheet(checks, bundle)
    if bundle["kind"] == "auditor":
        recount(checks, bundle, lines, silent)
    return checks


def _silence(checks: Checks, bundle: dict[str, Any], lines: dict[int, list[Any]]) -> dict[str, Any] | None:
    """Those deemed: on the roll, once, and not among those who took part. None where silence is silence."""
    deemed = bundle.get("deemed")
    if deemed is None:
        return None
    numbers = deemed["lines"]
    checks.that(len(set(numbers)) == len(numbers), "视为表决的名册行没有重复")
    checks.that(all(number in lines for number in numbers), "视为表决的都在名册上")
    checks.that(not set(numbers) & set(bundle["took_part"]), "投过票的不再视为表决")
    here = [lines[number] for number in numbers if number in lines]
    heads, area = sum(row[2] for row in here), sum(row[3] for row in here)
    return {"mode": deemed["mode"], "lines": len(numbers), "heads": heads, "area": area}


def _heard(checks: Checks, motion: dict[str, Any], said: dict[str, Any], silent: dict[str, Any] | None) -> None:
    title = motion["title"]
    if silent is None:
        checks.that("deemed" not in said, f"《{title}》没有把沉默算成表决")
        return
    heard = said["deemed"]
    choice = joins(silent["mode"], said["measures"])
    checks.that((heard["mode"], heard["joins"]) == (silent["mode"], choice), f"《{title}》视为的意见由已投的票得出")
    counted = {name: silent[name] if choice else 0 for name in ("lines", "heads", "area")}
    checks.that(
        (heard["lines"], heard["heads"], heard["area_dm2"]) == (counted["lines"], counted["heads"], counted["area"]),
        f"《{title}》视为表决的人数和面积与名册相符",
    )
    rows = with_silence(said["measures"], choice, silent)
    kept = [{name: row[name] for name in ("measure", "roll", "took_part", *CHOICES)} for row in heard["measures"]]
    checks.that(kept == rows, f"《{title}》加上视为表决以后的数字正确")
    checks.that(said["carried"] == judged(motion["rule"], rows), f"《{title}》加上视为表决以后通过与否由数字得出")
    for row in heard["measures"]:
        _needs(checks, motion, row, f"《{title}》加上视为表决以后，{row['measure']} 的最低数正确")


def _needs(checks: Checks, motion: dict[str, Any], row: dict[str, Any], what: str) -> None:
    turnout, approval = motion["rule"]["turnout"], motion["rule"]["approval"]
    checks.that(
        (row["turnout_needed"], row["approval_needed"], row["turnout_met"], row["approval_met"])
        == (
            least(turnout, row["roll"]),
            least(approval, row["took_part"]),
            enough(turnout, row["took_part"], row["roll"]),
            enough(approval, row["approve"], row["took_part"]),
        ),
        what,
    )


def _history(checks: Checks, bundle: dict[str, Any]) -> None:
    """Every count that was published is there with its hash, the last one is the result."""
    counts = bundle["counts"]
    for number, each in enumerate(counts):
        checks.that(sha256(plain(each["document"])) == each["tally_hash"], f"第 {number + 1} 次公布的结果指纹一致")
    checks.that(bool(counts) and counts[-1]["document"] == bundle["result"], "最后一次公布的就是现在的结果")
    changed = [each["document"] != before["document"] for before, each in itertools.pairwise(counts)]
    checks.that([each["changed"] for each in counts[1:]] == changed, "重新计票有没有更正，写得正确")
    checks.that((bundle["standing"]["stage"] == "final") == bool(bundle["standing"]["final_at"]), "最终结果有确认时间")


def _verdict(motion: dict[str, Any], said: dict[str, Any]) -> Any:
    if motion["form"] == "question":
        return said["carried"]
    return sorted(row["candidate"] for row in said["candidates"] if row["standing"] == "elected")


def _sheet(checks: Checks, bundle: dict[str, Any]) -> None:
    """The counterfactual sheet against itself: flags and verdicts follow from what it states."""
    motions = {motion["id"]: motion for motion in bundle["motions"]}
    stated = {said["motion"]: _verdict(motions[said["motion"]], said) for said in bundle["result"]["motions"]}
    for row in bundle["result"].get("counterfactual", ()):
        motion = motions[row["motion"]]
        verdict = row["carried"] if motion["form"] == "question" else row["elected"]
        what = f"《{motion['title']}》对照表（{row['without']}）"
        checks.that(row["flips"] == (verdict != stated[row["motion"]]), f"{what}是否改变结果，写得正确")
        if row["measures"] is not None:
            checks.that(verdict == judged(motion["rule"], row["measures"]), f"{what}通过与否由数字得出")


def roll_lines(checks: Checks, bundle: dict[str, Any]) -> dict[int, list[Any]]:
    """The roll that was counted with, by number: the frozen one, which has its hash, with its logged amendments."""
    frozen = {row[0]: row for row in bundle["roll"]["lines"]}
    lines = dict(frozen)
    for amendment in bundle["roll"]["amendments"]:
        lines.update((row[0], row) for row in amendment["lines"])
    rows = [["gongjian-roll", 1, bundle["vote"]["id"], len(frozen)], *(frozen[number] for number in sorted(frozen))]
    text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    hashed = sha256(text)
    said = bundle["result"]["roll"]
    checks.that(hashed == bundle["roll"]["hash"] == bundle["result"]["roll_hash"], "名册是开始投票时冻结的那一份")
    checks.that(said["amendments"] == len(bundle["roll"]["amendments"]), "开始投票后的名册更正都列在包里")
    heads, area = sum(row[2] for row in lines.values()), sum(row[3] for row in lines.values())
    dwellings = {door[0] for row in lines.values() for door in row[4]}
    checks.that((heads, area) == (said["heads"], said["area_dm2"]), "名册的人数和面积合计一致")
    checks.that(sum(len(row[4]) for row in lines.values()) == len(dwellings) == said["dwellings"], "一户只在名册一行")
    return lines


def _outcome(checks: Checks, motion: dict[str, Any], said: dict[str, Any], turnout: dict[str, int]) -> None:
    rule, title = motion["rule"], motion["title"]
    checks.that(said["rule"] == rule["version"] and said["motion"] == motion["id"], f"《{title}》用的是公告写明的规则")
    met = []
    for row in said["measures"]:
        unit = {"heads": "人数", "area": "面积"}[row["measure"]]
        checks.that(row["took_part"] == turnout[row["measure"]], f"《{title}》参加{unit}与名册相符")
        turnout_met = enough(rule["turnout"], row["took_part"], row["roll"])
        checks.that(
            (row["turnout_needed"], row["turnout_met"]) == (least(rule["turnout"], row["roll"]), turnout_met),
            f"《{title}》参加{unit}是否够，判断正确",
        )
        if motion["form"] == "question":
            sums = row["approve"] + row["against"] + row["abstain"]
            approval_met = enough(rule["approval"], row["approve"], row["took_part"])
            checks.that(sums == row["took_part"], f"《{title}》{unit}的同意、反对、弃权相加等于参加数")
            checks.that(row["approval_met"] == approval_met, f"《{title}》同意{unit}是否够，判断正确")
            _needs(checks, motion, row, f"《{title}》{unit}的最低数正确")
            met.append(turnout_met and approval_met)
    if motion["form"] == "question":
        cast = said["carried_cast"] if "deemed" in said else said["carried"]
        checks.that(cast == (bool(met) and all(met)), f"《{title}》通过与否由数字得出")
    else:
        valid = all(enough(rule["turnout"], row["took_part"], row["roll"]) for row in said["measures"])
        checks.that(said["valid"] == valid, f"《{title}》选举是否有效，判断正确")
        _seats(checks, motion, said, valid)


def _seats(checks: Checks, motion: dict[str, Any], said: dict[str, Any], valid: bool) -> None:
    """Fill the seats once more: best first, whole groups of equals at a time, only those past every approval."""
    title, rule = motion["title"], motion["rule"]
    rows = {row["candidate"]: row for row in said["candidates"]}
    checks.that(set(rows) == {candidate["id"] for candidate in motion["candidates"]}, f"《{title}》候选人与公告一致")
    took_part = {row["measure"]: row["took_part"] for row in said["measures"]}
    withdrawn = set(motion["withdrawn"])
    limits = (said.get("alternates", motion["alternates"]), said.get("withdrawn", motion["withdrawn"]))
    checks.that(limits == (motion["alternates"], motion["withdrawn"]), f"《{title}》候补人数和退选名单与结果写的一致")
    merit = {name: [approved(row, measure) for measure in motion["ranked_by"]] for name, row in rows.items()}
    ranks = {name: 1 + sum(other > own for other in merit.values()) for name, own in merit.items()}
    checks.that(all(row["rank"] == ranks[name] for name, row in rows.items()), f"《{title}》名次由得票得出")
    passed = [
        name
        for name, row in rows.items()
        if valid
        and name not in withdrawn
        and all(enough(rule["approval"], approved(row, measure), took_part[measure]) for measure in rule["measures"])
    ]
    checks.that(
        all(row["majority"] == (name in passed) for name, row in rows.items()), f"《{title}》是否过半，判断正确"
    )
    checks.that(not any(rows[name]["votes"] for name in withdrawn), f"《{title}》退选的人不计票")
    order = {name: place for lot in said.get("lots", ()) for place, name in enumerate(lot)}
    equal = all(merit[name] == merit[lot[0]] for lot in said.get("lots", ()) for name in lot)
    checks.that(equal and len(order) == sum(map(len, said.get("lots", ()))), f"《{title}》只在得票相同的人之间抽签")
    # A drawn order parts equals: whoever was drawn first is a group of his own.
    groups: list[list[str]] = []
    for name in sorted(passed, key=lambda each: ([-number for number in merit[each]], order.get(each, len(rows)))):
        same = groups and merit[groups[-1][0]] == merit[name] and name not in order and groups[-1][0] not in order
        if same:
            groups[-1].append(name)
        else:
            groups.append([name])
    standing = dict.fromkeys(rows, "not_elected") | dict.fromkeys(withdrawn, "withdrawn")
    free, places = motion["seats"], len(rows) if motion["alternates"] is None else motion["alternates"]
    seats_open = free > 0
    for group in groups:
        if seats_open and len(group) <= free:
            word, free = "elected", free - len(group)
            seats_open = free > 0
        elif seats_open:
            word, seats_open = "tied", False
            places -= len(group) - free
        elif places >= len(group):
            word, places = "alternate", places - len(group)
        else:
            word, places = ("alternate_tied" if places > 0 else "not_elected"), 0
        standing.update(dict.fromkeys(group, word))
    said_standing = {name: row["standing"] for name, row in rows.items()}
    checks.that(said_standing == standing and said["open_seats"] == free, f"《{title}》当选名单由得票得出")


def main(arguments: list[str] | None = None) -> int:
    """The command. Prints every fault, and how many checks held."""
    parser = argparse.ArgumentParser(prog="surveys.votes.verify", description="核验一次表决的公开包，不依赖本系统。")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--receipt", help="查一个回执编号是否在内")
    parser.add_argument("--opening", type=Path, help="核对自己那一票（投票页面“打开我的票”存下的文件）")
    given = parser.parse_args(arguments)
    say = sys.stdout.write
    try:
        bundle = json.loads(given.bundle.read_text(encoding="utf-8"))
        if bundle.get("format") != FORMAT:
            raise ValueError("不是表决的公开包")
        checks = verify(bundle)
        public = {ballot["receipt_no"]: ballot for ballot in bundle["ballots"]}
        if given.receipt:
            found = public.get(given.receipt.replace(" ", "").upper())
            checks.that(found is not None, f"回执 {given.receipt} 在公开包里")
        if given.opening:
            own = json.loads(given.opening.read_text(encoding="utf-8"))
            made = commitment(own["receipt_no"], own["line"], own["choices"], own["salt"])
            checks.that(made == public.get(own["receipt_no"], {}).get("commitment"), "您的票与公开的承诺值相符")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        say(f"文件读不懂：{error}\n")
        return 2
    for fault in checks.faults:
        say(f"不符：{fault}\n")
    if checks.faults:
        say("这个包不能采信。请从表决的结果页面重新下载再核验；仍然不符的，把文件和以上几行交给审计人员。\n")
    verdict = "有不符之处" if checks.faults else "全部相符"
    say(f"{verdict}：{len(checks.done)} 项相符，{len(checks.faults)} 项不符。\n")
    return 1 if checks.faults else 0


if __name__ == "__main__":
    sys.exit(main())
