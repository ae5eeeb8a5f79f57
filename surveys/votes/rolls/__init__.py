"""The roll of a vote between its notice and its result: objections, corrections, the frozen copy, amendments.

Until the opening a correction changes what the roll is built from and the roll is built again; at the opening it is
frozen with its hash; from then on an amendment changes single lines, and the frozen copy with the list of amendments
leads to the roll as it is counted, which anybody can replay.
"""
