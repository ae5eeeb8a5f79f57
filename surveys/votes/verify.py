"""Check a vote's bundle without us: ``python -m surveys.votes.verify BUNDLE [--receipt NO] [--opening FILE]``.

Standard library only, no database, nothing of the product imported: it counts by its own code, written from the rules
and not from the counting that it checks. The bundle's form is told at the top of ``surveys/votes/services/bundles.py``.
Exit code 0: everything holds; 1: something does not, each named; 2: the file cannot be read.

Anyone checks with the public bundle: the roll is the frozen one, who took part stands on it once, turnout is as
stated, the outcome follows from the stated sums, the result's hash, that a receipt is included, and that an opened
ballot is the one committed to. With the auditor's bundle the sums themselves are recounted from the choices.
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

FORMAT = "gongjian-vote-bundle-1"


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
    for motion, said in zip(motions, result["motions"], strict=True):
        _outcome(checks, motion, said, turnout)
    if bundle["kind"] == "auditor":
        _recount(checks, bundle, lines)
    return checks


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


def _enough(share: dict[str, Any], part: int, whole: int) -> bool:
    """part ÷ whole reaches num ÷ den (以上), or exceeds it (过半数): by cross-multiplication, never by percentages."""
    if part <= 0 or whole <= 0:
        return False
    left, right = part * share["den"], whole * share["num"]
    return left > right if share["strict"] else left >= right


def _least(share: dict[str, Any], whole: int) -> int:
    """The smallest part that is enough, found by trying downwards from a safe bound."""
    part = whole * share["num"] // share["den"] + 2
    while part > 1 and _enough(share, part - 1, whole):
        part -= 1
    return part


def _outcome(checks: Checks, motion: dict[str, Any], said: dict[str, Any], turnout: dict[str, int]) -> None:
    rule, title = motion["rule"], motion["title"]
    checks.that(said["rule"] == rule["version"] and said["motion"] == motion["id"], f"《{title}》用的是公告写明的规则")
    met = []
    for row in said["measures"]:
        unit = {"heads": "人数", "area": "面积"}[row["measure"]]
        checks.that(row["took_part"] == turnout[row["measure"]], f"《{title}》参加{unit}与名册相符")
        turnout_met = _enough(rule["turnout"], row["took_part"], row["roll"])
        checks.that(
            (row["turnout_needed"], row["turnout_met"]) == (_least(rule["turnout"], row["roll"]), turnout_met),
            f"《{title}》参加{unit}是否够，判断正确",
        )
        if motion["form"] == "question":
            sums = row["approve"] + row["against"] + row["abstain"]
            approval_met = _enough(rule["approval"], row["approve"], row["took_part"])
            checks.that(sums == row["took_part"], f"《{title}》{unit}的同意、反对、弃权相加等于参加数")
            checks.that(row["approval_met"] == approval_met, f"《{title}》同意{unit}是否够，判断正确")
            met.append(turnout_met and approval_met)
    if motion["form"] == "question":
        checks.that(said["carried"] == (bool(met) and all(met)), f"《{title}》通过与否由数字得出")
    else:
        _seats(checks, motion, said, _enough(rule["turnout"], turnout["heads"], said["measures"][0]["roll"]))


def _seats(checks: Checks, motion: dict[str, Any], said: dict[str, Any], valid: bool) -> None:
    """Fill the seats once more: by votes, whole groups of equal votes at a time, only those past the approval."""
    took_part = said["measures"][0]["took_part"]
    votes = {row["candidate"]: row["votes"] for row in said["candidates"]}
    names = {candidate["id"] for candidate in motion["candidates"]}
    title = motion["title"]
    checks.that(set(votes) == names, f"《{title}》候选人与公告一致")
    passed = {name for name, n in votes.items() if valid and _enough(motion["rule"]["approval"], n, took_part)}
    left, standing = motion["seats"], dict.fromkeys(votes, "not_elected")
    closed = False
    for number in sorted({votes[name] for name in passed}, reverse=True):
        group = [name for name in passed if votes[name] == number]
        if closed:
            word = "alternate"
        elif len(group) <= left:
            word, left = "elected", left - len(group)
            closed = left == 0
        else:
            word, closed = "tied", True
        standing.update(dict.fromkeys(group, word))
    said_standing = {row["candidate"]: row["standing"] for row in said["candidates"]}
    checks.that(said_standing == standing and said["open_seats"] == left, f"《{title}》当选名单由得票得出")


def _recount(checks: Checks, bundle: dict[str, Any], lines: dict[int, list[Any]]) -> None:
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
    for motion, said in zip(bundle["motions"], bundle["result"]["motions"], strict=True):
        chosen = [(each["choices"][motion["id"]], lines[each["line"]]) for each in opened if each["line"] in lines]
        if motion["form"] == "question":
            for row in said["measures"]:
                weight = {"heads": 2, "area": 3}[row["measure"]]
                for word in ("approve", "against", "abstain"):
                    total = sum(line[weight] for choice, line in chosen if choice == word)
                    checks.that(total == row[word], f"《{motion['title']}》重新计票：{row['measure']} {word} = {total}")
        else:
            for row in said["candidates"]:
                total = sum(row["candidate"] in choice for choice, _ in chosen)
                checks.that(total == row["votes"], f"《{motion['title']}》重新计票：得票 {total}")
            most = all(len(set(choice)) == len(choice) <= motion["most"] for choice, _ in chosen)
            checks.that(most, f"《{motion['title']}》没有多选")


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
    verdict = "有不符之处" if checks.faults else "全部相符"
    say(f"{verdict}：{len(checks.done)} 项相符，{len(checks.faults)} 项不符。\n")
    return 1 if checks.faults else 0


if __name__ == "__main__":
    sys.exit(main())
