"""What came of a campaign: counts, figures, who is missing, reports for staff."""
