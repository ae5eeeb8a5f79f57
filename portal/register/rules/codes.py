"""The ten characters of a door label: opaque, random, revocable; a locator, never a login.

Crockford's alphabet leaves out I, L, O and U, so a code can be read aloud and typed from a worn label.
"""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
"""50 random bits: with 10 million labels a guess hits one time in 100 million."""

_MEANT = str.maketrans("OILＯＩＬ", "011011")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def new_code() -> str:
    """Draw a new code from the system's randomness."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def read_code(typed: str) -> str | None:
    """Bring a typed code to its one form (``7kq2-m9x4 pt`` to ``7KQ2M9X4PT``; O is 0, I and L are 1); else ``None``."""
    text = typed.translate(_FULL_WIDTH).upper().translate(_MEANT)
    text = "".join(letter for letter in text if letter not in " -_·—–\t\u3000")
    return text if len(text) == LENGTH and set(text) <= set(ALPHABET) else None


def grouped(code: str) -> str:
    """Write a code as it stands on the label: ``7KQ2-M9X4-PT``."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"
