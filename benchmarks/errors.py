class BenchmarkError(Exception):
    """One line for whoever measures: why there is no figure."""
