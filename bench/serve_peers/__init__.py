"""The engines that bench/serve.py sets side by side.

Each is opened with `open_…`, and answers `run(jobs)` with one Record a job. A job is (prompt
tokens, adapter index or None, tokens to write); all jobs of a call start at once. All greedy.
"""

from serve_peers.llama_server import open_llama_server
from serve_peers.ours import Ours, open_ours
from serve_peers.raw import open_raw
from serve_peers.record import THREADS, Job, Record
from serve_peers.torch_generate import open_torch

__all__ = [
    "THREADS",
    "Job",
    "Ours",
    "Record",
    "open_llama_server",
    "open_ours",
    "open_raw",
    "open_torch",
]
