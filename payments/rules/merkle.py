"""A Merkle tree over published rows, as in RFC 6962 (Certificate Transparency): prove that a list holds a row.

Leaves are hashed with a 0 byte in front and inner nodes with a 1 byte, so that neither passes for the other; a list is
split at the largest power of two below its length. Hashes are 32 bytes; everything is recomputable with any SHA-256.
"""

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """The hash of one row."""
    return hashlib.sha256(b"\x00" + data).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """The largest power of two below ``size`` (at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in their order; of an empty list the hash of nothing."""
    if not leaves:
        return hashlib.sha256().digest()
    # Pairs level by level, the odd one moved up as it is: the same tree as splitting at powers of two.
    level = list(leaves)
    while len(level) > 1:
        pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root, nearest first. IndexError outside the list."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    found: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            found.append(level[beside])
        pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
        index //= 2
    return found


def holds(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Does ``proof`` lead from ``leaf``, the ``index``-th of ``size``, to the root? Never raises."""
    if not 0 <= index < size:
        return False
    at, last, found, left = index, size - 1, leaf, list(proof)
    while last:
        if at % 2 or at < last:
            if not left:
                return False
            beside = left.pop(0)
            found = _node(beside, found) if at % 2 else _node(found, beside)
        at, last = at // 2, last // 2
    return not left and found == expected_root
