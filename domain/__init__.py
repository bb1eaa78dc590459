"""Values and rules: what a database is, how it is named, which SQL may run, what rows look like.

Imports only ``exceptions``. No I/O, no web framework, no database driver.
"""
