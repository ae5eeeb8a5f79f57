"""What measurements share: a load generator, a floor to compare with, CPU time by process."""
