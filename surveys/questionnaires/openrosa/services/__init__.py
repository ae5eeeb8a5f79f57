"""What can be done over OpenRosa: make and take back app passwords, fetch forms, hand in what was filled at doors."""
