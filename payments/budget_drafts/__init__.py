"""A budget as people write it, in a form or a workbook: read, reckoned door by door, and nothing kept."""
