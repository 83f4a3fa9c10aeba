"""`python -m regrow`, the same as the console script."""

from regrow.cli import app

if __name__ == "__main__":
    app.run()
