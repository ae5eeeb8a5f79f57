"""Knocking at doors: each try of a worker is written down, so that the share of households reached is real."""
