"""What collectors and those who check them do, one use case a function."""
