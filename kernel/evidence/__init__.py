"""Proofs kept beside a record: the photo of a paper, a voucher, how a notice was delivered.

A picture is uploaded first and is *loose*; the use case that makes the record binds it with ``use`` in its own
transaction, once and for good. What nobody bound within thirty days is forgotten.
"""

from kernel.evidence.rules import PURPOSES, Purpose
from kernel.evidence.services import Proof, forget, forget_loose, keep, of, picture, use

__all__ = ["PURPOSES", "Proof", "Purpose", "forget", "forget_loose", "keep", "of", "picture", "use"]
