"""The process: settings, start and stop, the command line; and what it does (use_cases)."""
