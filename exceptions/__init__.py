"""What can go wrong, as classes: one number, one HTTP status and one sentence each.

Imports nothing of ours; everything may import it.
"""
