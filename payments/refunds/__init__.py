"""Asking a deposit back, sending it back on the road that is open, and converting it. Two people each time."""
