"""Files made of a campaign for staff, in the background: the table of answers with codebook and sums."""
