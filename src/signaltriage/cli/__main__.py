"""`python -m signaltriage.cli` is the `signaltriage` command."""

from signaltriage.cli import main

main()
