"""The second of two visitors: named by the first, confirmed by himself; until then the visit ranks lower."""
