"""Files sealed at rest piece by piece, so that neither sealing nor opening one holds it in memory.

Each piece is an envelope of the vault bound to the file, to its place in it and to whether it is the last: pieces
cannot be swapped, dropped or cut off.
"""

import base64
from collections.abc import Iterable, Iterator
from pathlib import Path

from kernel.encryption import SealBroken, vault
from kernel.errors import Unavailable

PIECE_BYTES = 1 << 20
_LENGTH = 4
DAMAGED = Unavailable("file-damaged", "这个文件已损坏，请重新导出。")


def _context(context: str, number: int, last: bool) -> str:
    return f"{context}:{number}:{'last' if last else 'more'}"


def seal_file(source: Path, target: Path, *, context: str) -> None:
    """Write ``source`` sealed to ``target``."""
    with source.open("rb") as clear, target.open("wb") as sealed:
        piece, number = clear.read(PIECE_BYTES), 0
        while True:
            following = clear.read(PIECE_BYTES)
            envelope = vault().seal(
                base64.b64encode(piece).decode(), context=_context(context, number, last=not following)
            )
            sealed.write(len(envelope).to_bytes(_LENGTH, "big") + envelope)
            if not following:
                return
            piece, number = following, number + 1


def open_pieces(pieces: Iterable[bytes], *, context: str) -> Iterator[bytes]:
    """The clear bytes of a sealed file given in pieces of any size. Raises Unavailable when it was tampered with."""
    number = 0
    waiting: bytes | None = None
    for envelope in _envelopes(pieces):
        if waiting is not None:
            yield _opened(waiting, context, number, last=False)
            number += 1
        waiting = envelope
    if waiting is None:
        raise DAMAGED
    yield _opened(waiting, context, number, last=True)


def _opened(envelope: bytes, context: str, number: int, *, last: bool) -> bytes:
    try:
        return base64.b64decode(vault().open(envelope, context=_context(context, number, last)))
    except SealBroken:
        raise DAMAGED from None


def _envelopes(pieces: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= _LENGTH and len(held) >= (end := _LENGTH + int.from_bytes(held[:_LENGTH], "big")):
            yield bytes(held[_LENGTH:end])
            del held[:end]
    if held:
        raise DAMAGED
