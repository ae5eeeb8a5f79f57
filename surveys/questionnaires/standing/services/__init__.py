"""What moves the row that says which sheet counts: another sheet, a household's word, somebody who settles."""
