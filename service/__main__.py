"""``python -m service``."""

from service.command_line import app

if __name__ == "__main__":
    app(prog_name="twinbase")
