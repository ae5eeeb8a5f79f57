"""Proxies in writing (民法典 §165): registered with a photo, confirmed by another worker, used once or withdrawn.

Who may be an agent, and for how many, the vote's terms say; staff of the property company stand on a barred list.
"""
