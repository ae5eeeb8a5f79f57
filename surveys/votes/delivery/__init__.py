"""Delivery of a vote's notice, flat by flat: how, when, by whom, to whom, with what proof."""
