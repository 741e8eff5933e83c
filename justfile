# Shortcuts; `just --list` shows them.

# set up and serve on port 8080
serve *args:
    bash start.sh {{args}}

# everything CI checks
test *args:
    bash test.sh {{args}}

# format and mend what can be mended
fix:
    .venv/bin/ruff check --fix .
    .venv/bin/ruff format .

# the whole story on one screen
quickstart:
    bash start.sh quickstart
