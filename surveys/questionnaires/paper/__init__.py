"""Paper forms: printed for a door, registered with a photo, keyed twice by two people, decided by a third."""
