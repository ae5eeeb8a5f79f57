"""Count a secret election again without us: ``python -m surveys.votes.verify_secret BUNDLE [--number N]``.

Standard library only, no database. The bundle (``flask vote bundle`` or the page 逐张公布的选票) holds every opened
number with its choices, so anyone recomputes everything: the roll is the frozen one, as many numbers as envelopes as
lines that took part, every choice lawful, the votes, the seats, the result's hash. ``--number`` finds one's own ballot,
``--envelope`` the hash printed on one's receipt. Exit code 0: everything holds; 1: something does not; 2: no bundle.
"""

import argparse
import hashlib
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from surveys.votes import verify as named
from surveys.votes.verify_basics import Checks, plain, sha256

FORMAT = "gongjian-secret-bundle-1"


def verify(bundle: dict[str, Any]) -> Checks:
    """Check everything. Raises KeyError or TypeError for another shape."""
    checks = Checks()
    result, opened, invalid = bundle["result"], bundle["opened"], bundle["invalid"]
    lines = named.roll_lines(checks, bundle)
    took_part, hashes = bundle["took_part"], bundle["envelope_hashes"]
    checks.that(len(set(took_part)) == len(took_part), "参加投票的名册行没有重复")
    checks.that(all(number in lines for number in took_part), "参加投票的都在名册上")
    checks.that(len(set(hashes)) == len(hashes), "信封没有重复")
    checks.that(len(hashes) == len(took_part) == result["ballots"]["counted"], "一户一个信封，个数与结果一致")
    checks.that(len(opened) + invalid == len(hashes), "号码的个数加上无效票等于信封的个数")
    checks.that(invalid == result["ballots"]["invalid"] >= 0, "无效票的张数一致")
    numbers = [each["number"] for each in opened]
    checks.that(all(re.fullmatch("[0-9]{12}", number) for number in numbers), "号码都是 12 位数字")
    checks.that(numbers == sorted(numbers), "选票按号码排列，次序不说明任何事")
    checks.that(sha256(plain(result)) == bundle["tally_hash"], "结果的指纹一致")
    checks.that(result["text_hash"] == bundle["vote"]["text_hash"], "计的是公告的那份选票")
    checks.that({motion["id"] for motion in bundle["motions"]} == _answered(opened), "每张选票只答了公告里的事项")
    heads = sum(lines[number][2] for number in took_part if number in lines)
    for motion, said in zip(bundle["motions"], result["motions"], strict=True):
        _recount(checks, motion, said, [each["choices"][motion["id"]] for each in opened])
        named._outcome(checks, motion, said, {"heads": heads})
    named._history(checks, bundle)
    return checks


def _answered(opened: list[dict[str, Any]]) -> set[str]:
    """The motions all ballots answer; one more or less in any of them shows as a difference."""
    found = [set(each["choices"]) for each in opened]
    return set().union(*found) if len({frozenset(each) for each in found}) == 1 else set()


def _recount(checks: Checks, motion: dict[str, Any], said: dict[str, Any], chosen: list[list[str]]) -> None:
    title, names = motion["title"], {candidate["id"] for candidate in motion["candidates"]}
    lawful = all(len(set(each)) == len(each) <= motion["most"] and set(each) <= names for each in chosen)
    checks.that(lawful, f"《{title}》没有多选，没有名单外的人")
    votes = Counter(name for each in chosen for name in each if name not in motion["withdrawn"])
    for row in said["candidates"]:
        checks.that(votes[row["candidate"]] == row["votes"], f"《{title}》重新计票：得票 {votes[row['candidate']]}")
    blank = sum(not each for each in chosen)
    checks.that(blank == said["measures"][0]["blank"], f"《{title}》重新计票：弃权 {blank}")


def _said_by(bundle: dict[str, Any], number: str) -> str | None:
    names = {each["id"]: each["name"] for motion in bundle["motions"] for each in motion["candidates"]}
    for each in bundle["opened"]:
        if each["number"] == number:
            chosen = [names[name] for answer in each["choices"].values() for name in answer]
            return "、".join(chosen) or "弃权"
    return None


def main(arguments: list[str] | None = None) -> int:
    """The command. Prints every fault, numbers that repeat, and how many checks held."""
    parser = argparse.ArgumentParser(prog="surveys.votes.verify_secret", description="核验一次无记名选举，重新计票。")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--number", help="自己的核对号码")
    parser.add_argument("--envelope", help="回执上的信封指纹")
    given = parser.parse_args(arguments)
    say = sys.stdout.write
    try:
        bundle = json.loads(given.bundle.read_text(encoding="utf-8"))
        if bundle.get("format") != FORMAT:
            raise ValueError("不是无记名选举的公开包")
        checks = verify(bundle)
        if given.number:
            number = "".join(given.number.split())
            mine = _said_by(bundle, number)
            checks.that(mine is not None, f"号码 {number} 在公布的名单里" + (f"，选的是：{mine}" if mine else ""))
            say(f"号码 {number}：{mine or '名单里没有'}\n")
        if given.envelope:
            checks.that(given.envelope in bundle["envelope_hashes"], "回执上的信封计入了开箱（重投过的只计最后一次）")
        repeated = [number for number, n in Counter(each["number"] for each in bundle["opened"]).items() if n > 1]
        public_key = bytes.fromhex(bundle["vote"]["public_key"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        say(f"文件读不懂：{error}\n")
        return 2
    for fault in checks.faults:
        say(f"不符：{fault}\n")
    for number in repeated:
        say(f"提醒：号码 {number} 出现不止一次，请查明。\n")
    say(f"选举公钥指纹 {hashlib.sha256(public_key).hexdigest()}（应与公告上的一样）\n")
    verdict = "有不符之处" if checks.faults else "全部相符"
    say(f"{verdict}：{len(checks.done)} 项相符，{len(checks.faults)} 项不符。\n")
    return 1 if checks.faults else 0


if __name__ == "__main__":
    sys.exit(main())
