"""The public books as they were published: period by period, row by row, checkable by anybody."""
