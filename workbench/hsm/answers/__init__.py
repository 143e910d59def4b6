"""The known-answer tests, one module a family of algorithms, with their published vectors.

Owns test vectors and comparisons. Keys in here are published test keys and protect nothing. Must
not know sessions, states or tokens.
"""
