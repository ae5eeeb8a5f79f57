"""Names and order of places; the alphabet of door codes."""

import re
import secrets
import unicodedata

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 10


def child_path(parent_path: str, code: str) -> str:
    """The path of a place with ``code`` under ``parent_path`` ("" for the top)."""
    return f"{parent_path or '/'}{code}/"


def is_within(path: str, ancestor_path: str) -> bool:
    """Whether a place is the ancestor or lies under it."""
    return path.startswith(ancestor_path)


def dwelling_label(building: str, unit: str, door: str) -> str:
    """As people say it: ``("3栋", "2", "501")`` → ``3栋2单元501``; without a unit ``3栋501``."""
    unit_text = f"{unit}单元" if unit else ""
    return f"{building}{unit_text}{door}"


def sort_key(*parts: str) -> str:
    """A key under which numbers sort as numbers: digits padded to six."""
    return " ".join(re.sub(r"\d+", lambda found: found.group().zfill(6), part) for part in parts)[:60]


def new_door_code() -> str:
    """Ten random characters of Crockford's alphabet (no I, L, O, U): 50 bits, nothing to guess or to count up."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(CODE_LENGTH))


def read_door_code(text: str) -> str | None:
    """What a person typed or scanned, as a code; None when it cannot be one.

    Forgives case, spaces, hyphens, and O for 0, I and L for 1 (Crockford); takes the tail of a scanned address.
    """
    text = unicodedata.normalize("NFKC", text)  # a Chinese keyboard types ７ＫＱ２ as readily as 7KQ2
    tail = text.strip().rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    plain = re.sub(r"[\s\-－—_]", "", tail).upper().translate(str.maketrans("OIL", "011"))
    return plain if len(plain) == CODE_LENGTH and all(char in CROCKFORD for char in plain) else None


def grouped(code: str) -> str:
    """A code as printed: ``7K3M 9QXT 2B``."""
    return f"{code[:4]} {code[4:8]} {code[8:]}"
