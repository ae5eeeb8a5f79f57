"""Acts of the register of local rules."""
