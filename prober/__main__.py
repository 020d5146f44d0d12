"""Lets `python -m prober` stand in for the `prober` command."""

from prober.app.cli import main

if __name__ == "__main__":
    main()
