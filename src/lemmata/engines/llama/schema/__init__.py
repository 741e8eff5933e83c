"""JSON schema to GBNF: whatever the grammar lets through is valid under the schema.

The grammar may allow less than the schema does (properties in their written order and no further
ones, numbers of at most 16 digits). A keyword that it cannot hold is refused by name, never left
out. Draft 2020-12, with `definitions` and item lists of the older drafts.
"""

from lemmata.engines.llama.schema.compiler import to_gbnf

__all__ = ["to_gbnf"]
