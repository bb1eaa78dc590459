"""What keeps the embedded server from being had."""


class EmbeddedServerError(Exception):
    """The embedded server cannot be had; the message is one line for the operator."""


class EmbeddedServerVersionError(EmbeddedServerError):
    """The data folder was made by another major version of PostgreSQL."""
