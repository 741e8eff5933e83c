"""What runs inside the sandbox beside a submission. Standard library only."""
