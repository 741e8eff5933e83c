"""`python -m lemmata` is the `lemmata` command."""

from lemmata.cli import main

main()
