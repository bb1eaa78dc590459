"""What Twinbase does: one verb, one function, one file, one transaction, one commit.

Reads as the specification. Imports ``domain`` and ``exceptions`` only.
"""
