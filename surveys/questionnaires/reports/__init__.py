"""Staff reports, made in the background and kept: two questions against each other; words people wrote, redacted."""
