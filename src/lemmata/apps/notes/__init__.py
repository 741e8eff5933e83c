"""Notes: ask about a folder of Markdown with its links as context, check what stands in it."""
