"""What may be shown without naming anybody by a number: breakdowns of five households or more (DESIGN §7)."""

FEWEST = 5
TOO_FEW = "不足5户，不单列"


def publishable(households: int) -> bool:
    """May a breakdown over so many households be shown? An empty one may: it says nothing about anybody."""
    return households == 0 or households >= FEWEST
