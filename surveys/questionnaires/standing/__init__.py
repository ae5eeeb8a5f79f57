"""Which of a dwelling's responses counts: superseding, conflicts to settle, what a household says of a sheet that
others filled in for it. Rows of responses are only added; what moves is the row that says which one counts."""
