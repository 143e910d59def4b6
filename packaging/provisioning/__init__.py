"""Prepares a machine for Key Workbench: system packages, Python packages, test peers.

Standard library only, because it runs before anything is installed. It never names a package
index or a mirror: pip and apt are used as the machine has them configured. It must not know
the workbench package itself.
"""
