"""The bank side of a day: each collecting account as its statement and the books tell of it, signed by two people."""
