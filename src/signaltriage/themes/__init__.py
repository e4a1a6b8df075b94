"""Friction themes: signals that recur, found without being told how many, with an identity that lasts."""
