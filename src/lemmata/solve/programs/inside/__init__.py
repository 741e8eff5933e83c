"""What the sandbox runs beside a program; it imports nothing of Lemmata."""
