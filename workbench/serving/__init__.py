"""The engine on the wire: who signed, which door, when it starts and stops, what it begins with.

Stands between `engine` and the bench. Must not know windows, nor how a vault is opened.
"""
