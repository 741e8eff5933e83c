"""From words or LaTeX to a spec: by templates, or by a model held to the grammar."""
