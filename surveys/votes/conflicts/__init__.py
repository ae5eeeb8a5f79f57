"""Two ballots for one line, and ballots that are objected to: both are kept, a rule or the street says which counts."""
