"""HTTP: bodies in, use cases called, one envelope out. Does not know ``repository``."""
