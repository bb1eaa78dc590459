"""Whether a worker has been asked to stop."""

from exceptions.errors import ServiceUnavailable


class Stopping:
    """Told by whoever runs the worker, asked by whoever sends requests to it."""

    def __init__(self) -> None:
        self.is_asked = False

    def check(self) -> None:
        """Raises ServiceUnavailable, while requests are still served."""
        if self.is_asked:
            raise ServiceUnavailable("The service is stopping; send requests elsewhere.")
