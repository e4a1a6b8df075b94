"""`python -m signaltriage` is the `signaltriage` command."""

from signaltriage.cli import main

main()
