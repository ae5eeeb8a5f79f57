"""Reminding households of what they bear: privately, seldom, and no more once it is met."""
