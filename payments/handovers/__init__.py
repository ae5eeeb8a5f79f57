"""Flats that changed hands while a deposit was held: it stays its payer's, and moves only by his word."""
