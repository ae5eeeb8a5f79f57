"""Orders and refunds as WeChat Pay keeps them. Pure state and rules: no HTTP, no signatures.

Whoever calls holds the sandbox's lock. Moments come from the sandbox's clock. Money is integer fen.
"""

from sandbox.ledger.book import Ledger
from sandbox.ledger.orders import Handle, Order, Refund
from sandbox.ledger.refusals import Refusal, wrong_parameter

__all__ = ["Handle", "Ledger", "Order", "Refund", "Refusal", "wrong_parameter"]
