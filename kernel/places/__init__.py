"""Where things are: the place tree (city down to unit), the dwellings in it, and the codes on their doors."""
