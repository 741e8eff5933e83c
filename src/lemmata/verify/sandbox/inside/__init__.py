"""What runs inside the sandbox. Standard library only; nothing here knows an expected answer.

The directory is bound into every sandbox, where it is the package `inside`: imports are relative.
"""
