"""What decides: quarters, indicators, ranking, and what may be published."""
