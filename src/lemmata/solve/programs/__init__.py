"""Problems whose answer is a program: candidates are run, compared by what they do, and timed."""
