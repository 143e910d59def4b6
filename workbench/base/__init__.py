"""Errors, clock, identifiers, durable files: what every floor may use.

Owns nothing of the domain and must not know any other floor.
"""
