"""What a community worker opens: my estates and buildings, the doors with what is open, scanning, one household."""
