"""What a resident opens: the home page, the door behind a label, the dwelling with what is open on it, and "me"."""
