"""What must outlast the process: SQLite (WAL) by default, PostgreSQL by URL for several servers."""
