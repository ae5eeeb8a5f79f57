"""The gate an estate's collection has to pass: what it is measured against, as of a date, changed by two people."""
