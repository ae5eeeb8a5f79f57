"""Use cases of the gate, by what they do."""
