"""What costs a look at every answer of an estate, looked at by the clock and kept: rates, who is missing, weights."""
