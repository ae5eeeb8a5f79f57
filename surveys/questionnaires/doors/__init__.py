"""The doors of a building that have not answered, for the worker who goes there; never for neighbours."""
