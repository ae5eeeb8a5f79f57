"""Who is missing from the answers, counted from the register."""
