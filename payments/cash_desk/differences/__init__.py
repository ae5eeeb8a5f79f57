"""What boxes held less or more than was entered (长短款): two people decide about each."""
