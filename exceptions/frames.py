"""Where an error came through, which keeps it and its request alive."""


def forget_frames(error: BaseException | None) -> None:
    """Of an error that is dealt with, and of its causes.

    Their frames hold the request's SQL and rows, and the errors themselves: nothing of that would
    be freed before the collector comes by, which is seldom.
    """
    if error is not None and error.__traceback__ is not None:
        error.__traceback__ = None
        forget_frames(error.__cause__)
        forget_frames(error.__context__)
