"""What is known, said exactly: the report and its exports."""
