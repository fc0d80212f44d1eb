"""Carry out commands: what one is, those for everybody, those for leads."""
