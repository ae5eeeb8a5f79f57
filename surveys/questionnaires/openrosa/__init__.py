"""OpenRosa: ODK Collect as the worker's app at the door, offline. Its submissions are responses like any other."""
