"""Payments out of the account: asked with a voucher, signed by two or three, executed by a cashier, published."""
