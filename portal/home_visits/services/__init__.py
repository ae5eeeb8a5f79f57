"""Asking (a household), going (a worker), lapsing (the clock)."""
