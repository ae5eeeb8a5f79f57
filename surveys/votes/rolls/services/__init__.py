"""Use cases of the roll: building and freezing, objections, corrections and amendments."""
