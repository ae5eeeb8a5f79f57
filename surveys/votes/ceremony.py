"""The trustees' ceremony, on a machine without network and without our database.

``python -m surveys.votes.ceremony make --shares 3 --threshold 2 --out DIR``
    makes an election's key: ``public.json`` for the server, ``share-1.json`` … one a trustee.
``python -m surveys.votes.ceremony open ENVELOPES --share A --share B --out RESULT``
    joins the key, opens the exported envelopes, shuffles, and writes numbers and choices sorted by number.

The private key is derived from a random 128-bit seed (the strength of P-256 itself), and the seed is what is split by
Shamir's scheme: a share is 32 hex characters, short enough for paper. The key itself is never written down.
Imports neither Flask nor a database driver.
"""

import argparse
import base64
import json
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from Crypto.Protocol.SecretSharing import Shamir
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from surveys.votes.rules import envelope
from surveys.votes.rules.ballot import Paper
from surveys.votes.rules.catalogue import Form
from surveys.votes.rules.decision import Choice

PUBLIC_FORMAT = "gongjian-election-key-1"
SHARE_FORMAT = "gongjian-key-share-1"
ENVELOPES_FORMAT = "gongjian-envelopes-1"
OPENED_FORMAT = "gongjian-opened-1"
SEED = 16
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of P-256's group (FIPS 186-5)."""


class Refused(Exception):
    """The ceremony cannot go on; says why in Chinese."""


def key_from_seed(seed: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key of a seed (scalar from 384 derived bits: the way of FIPS 186-5 A.2.1, no bias that matters)."""
    bits = HKDF(algorithm=hashes.SHA256(), length=48, salt=b"", info=b"gongjian-election-key-1").derive(seed)
    return ec.derive_private_key(int.from_bytes(bits, "big") % (ORDER - 1) + 1, ec.SECP256R1())


def make(shares: int, threshold: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A new key: its public document and one document a trustee. Raises Refused for a threshold that makes no sense."""
    if not 2 <= threshold <= shares <= 9:
        raise Refused("份数要在 2 到 9 之间，至少两份才能打开，而且不能多于总份数。")
    seed = secrets.token_bytes(SEED)
    point = envelope.point_of(key_from_seed(seed).public_key())
    mark = envelope.fingerprint(point)
    public = {"format": PUBLIC_FORMAT, "public_key": point.hex(), "fingerprint": mark}
    parts = [
        {
            "format": SHARE_FORMAT,
            "fingerprint": mark,
            "share": number,
            "shares": shares,
            "threshold": threshold,
            "secret": part.hex(),
        }
        for number, part in Shamir.split(threshold, shares, seed)
    ]
    return public, parts


def join(parts: Sequence[dict[str, Any]]) -> ec.EllipticCurvePrivateKey:
    """The private key from enough shares of one election. Raises Refused."""
    if len({part["fingerprint"] for part in parts}) != 1:
        raise Refused("这些钥匙份不是同一次选举的。")
    numbers = {part["share"] for part in parts}
    if len(numbers) < parts[0]["threshold"]:
        raise Refused(f"需要 {parts[0]['threshold']} 份不同的钥匙，现在只有 {len(numbers)} 份。")
    seed = Shamir.combine([(part["share"], bytes.fromhex(part["secret"])) for part in _different(parts)])
    key = key_from_seed(seed)
    if envelope.fingerprint(envelope.point_of(key.public_key())) != parts[0]["fingerprint"]:
        raise Refused("这几份合不成这次选举的钥匙，其中有一份抄错了。")
    return key


def _different(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({part["share"]: part for part in parts}.values())


def paper_to_json(paper: Paper) -> dict[str, Any]:
    """A ballot paper as the ceremony and the verifiers read it."""
    return {
        "motion": paper.motion,
        "form": str(paper.form),
        "title": paper.title,
        "candidates": [list(each) for each in paper.candidates],
        "most": paper.most,
    }


def papers_from_json(given: Sequence[dict[str, Any]]) -> list[Paper]:
    """The ballot papers again."""
    return [
        Paper(
            motion=each["motion"],
            form=Form(each["form"]),
            title=each["title"],
            text="",
            candidates=tuple((identity, name) for identity, name in each["candidates"]),
            most=each["most"],
        )
        for each in given
    ]


def open_all(exported: dict[str, Any], parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Open every envelope; gives the document to publish. Raises Refused when key and envelopes do not match."""
    key = join(parts)
    mark = envelope.fingerprint(envelope.point_of(key.public_key()))
    if mark != exported["fingerprint"]:
        raise Refused("这把钥匙不是这次选举的，信封打不开。")
    papers = papers_from_json(exported["papers"])
    sealed = [base64.b64decode(each, validate=True) for each in exported["envelopes"]]
    if len(set(sealed)) != len(sealed):
        raise Refused("文件里有重复的信封，请重新导出。")
    vote, text_hash = exported["vote"], exported["text_hash"]
    opened = [envelope.unseal(key, vote, text_hash, papers, each) for each in sealed]
    secrets.SystemRandom().shuffle(opened)  # equal numbers, too, stand in an order that says nothing
    lawful = sorted((each for each in opened if each is not None), key=lambda each: each.number)
    return {
        "format": OPENED_FORMAT,
        "vote": vote,
        "text_hash": text_hash,
        "fingerprint": mark,
        "envelopes": len(sealed),
        "envelopes_hash": envelope.set_hash([envelope.hash_of(each) for each in sealed]),
        "invalid": len(sealed) - len(lawful),
        "ballots": [
            {
                "number": each.number,
                "choices": {
                    motion: str(answer) if isinstance(answer, Choice) else sorted(answer)
                    for motion, answer in sorted(each.answers.items())
                },
            }
            for each in lawful
        ],
    }


def read(path: Path, *formats: str) -> dict[str, Any]:
    """A JSON document of one of these formats. Raises Refused."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"读不出 {path.name}。") from error
    if not isinstance(found, dict) or found.get("format") not in formats:
        raise Refused(f"{path.name} 不是需要的那种文件。")
    return found


def write(path: Path, document: dict[str, Any], *, private: bool = False) -> None:
    """A JSON document into a new file; private ones for their owner only. Raises Refused rather than overwrite."""
    try:
        path.touch(mode=0o600 if private else 0o644, exist_ok=False)
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"写不了 {path.name}：文件已经在那里，或者没有权限。") from error


def main(arguments: list[str] | None = None) -> int:
    """The command. Exit code 1 with one sentence when the ceremony is refused."""
    parser = argparse.ArgumentParser(prog="surveys.votes.ceremony", description="选举钥匙的制作与开箱，离线运行。")
    steps = parser.add_subparsers(dest="step", required=True)
    making = steps.add_parser("make", help="制作钥匙：公钥一份，私钥分成几份")
    making.add_argument("--shares", type=int, default=3)
    making.add_argument("--threshold", type=int, default=2)
    making.add_argument("--out", type=Path, required=True)
    opening = steps.add_parser("open", help="合起钥匙，打开导出的信封")
    opening.add_argument("envelopes", type=Path)
    opening.add_argument("--share", type=Path, action="append", required=True)
    opening.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        said = _make(given) if given.step == "make" else _open(given)
    except (KeyError, TypeError, ValueError, AttributeError):
        said, code = "文件的内容不对，请用原来的文件。", 1
    except Refused as refusal:
        said, code = str(refusal), 1
    else:
        code = 0
    (sys.stderr if code else sys.stdout).write(said + "\n")
    return code


def _make(given: argparse.Namespace) -> str:
    public, parts = make(given.shares, given.threshold)
    given.out.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(given.out / "public.json", public)
    for part in parts:
        write(given.out / f"share-{part['share']}.json", part, private=True)
    return (
        f"公钥指纹 {public['fingerprint']}\npublic.json 交给系统；{given.shares} 份钥匙分别交给不同的保管人，"
        f"开箱时要 {given.threshold} 份。交出后请删除这台机器上的副本。"
    )


def _open(given: argparse.Namespace) -> str:
    opened = open_all(read(given.envelopes, ENVELOPES_FORMAT), [read(path, SHARE_FORMAT) for path in given.share])
    write(given.out, opened)
    return f"打开 {opened['envelopes']} 个信封：有效 {len(opened['ballots'])} 张，无效 {opened['invalid']} 张。"


if __name__ == "__main__":
    sys.exit(main())
