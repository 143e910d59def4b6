"""The command line: sign, verify, doctor, demo, through the same services as the window.

Owns arguments, exit codes and what is printed. Must not know how the services are built, nor Qt.
"""
