"""The rules of voting: plain values in, plain values out. No clock, no database, no request."""
