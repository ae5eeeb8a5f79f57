"""WeChat and WeChat Pay on loopback: a stand-in that speaks the same wire protocol.

It shares no code with any product, so that a misreading of the protocol cannot sit on both sides at once.
"""
