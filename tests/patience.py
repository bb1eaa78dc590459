"""How long a test waits for what has to come: only what hangs takes so long, on a busy machine too."""

PATIENCE = 100.0  # seconds
