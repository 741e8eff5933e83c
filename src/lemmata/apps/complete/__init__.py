"""A TODO in a file becomes code that was run: on the examples beside it and on inputs like them."""
