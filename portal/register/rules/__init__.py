"""What a roster may look like and what it means. Pure: no database, no file, no clock."""
