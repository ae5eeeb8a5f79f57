"""What a household writes on a bank transfer so that it is known whose it is: eight characters, the last one a check.

The reference is derived from the dwelling under a secret, so nothing is kept and nobody makes one up; over 31 symbols
(Crockford's without Z) a weighted sum modulo the prime 31 finds every single wrong character and every two exchanged.
"""

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXY"
LENGTH = 8
_PRIME = len(ALPHABET)
_LOOKALIKES = str.maketrans("OILZ", "0112")
_RUNS = re.compile(rf"[{ALPHABET}]+")


def reference(secret: bytes) -> str:
    """The reference made of a dwelling's secret digest (at least 8 bytes): ``7K3M9QXC``."""
    number, symbols = int.from_bytes(secret[:8]), ""
    for _ in range(LENGTH - 1):
        number, at = divmod(number, _PRIME)
        symbols += ALPHABET[at]
    return symbols + _check(symbols)


def grouped(text: str) -> str:
    """As it is printed: ``7K3M-9QXC``."""
    return f"{text[:4]}-{text[4:]}"


def found_in(memo: str) -> set[str]:
    """Every well-formed reference in a transfer's memo, whatever surrounds it; case, widths, blanks and hyphens do not
    matter, O is 0, I and L are 1, Z is 2.
    """
    plain = unicodedata.normalize("NFKC", memo).upper().translate(_LOOKALIKES)
    plain = re.sub(r"(?<=[0-9A-Y])[\s\-－—_.]+(?=[0-9A-Y])", "", plain)
    windows = (run[at : at + LENGTH] for run in _RUNS.findall(plain) for at in range(max(0, len(run) - LENGTH + 1)))
    return {one for one in windows if one[-1] == _check(one[:-1])}


def _check(symbols: str) -> str:
    total = sum(weight * ALPHABET.index(symbol) for weight, symbol in enumerate(symbols, 1))
    return ALPHABET[-total % _PRIME * pow(LENGTH, -1, _PRIME) % _PRIME]
