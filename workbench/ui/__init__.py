"""The window. Qt lives here and nowhere else.

Owns how things look, where they stand and how a person reaches them. Asks for everything through
the clients of a bench; knows nothing of key material, of the database or of algorithms.
"""

from workbench.ui.refcounts import keep_constants

keep_constants()
