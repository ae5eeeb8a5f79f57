"""What a payer may want of a deposit whose estate was not listed: both stand side by side, neither is assumed."""

from enum import StrEnum


class RolloverChoice(StrEnum):
    """What a payer wants."""

    KEEP = "keep"
    GIVE_BACK = "give_back"


CHOICE_WORDS = {RolloverChoice.KEEP: "留到下一年", RolloverChoice.GIVE_BACK: "退还给我"}
