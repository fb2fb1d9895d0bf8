"""How a population is cut into shards."""

from __future__ import annotations

# At most: a shard costs some Python a day, and to grow one takes memory for a while; at 32,768 and more NumPy asks for large
# pages for its rows, without which addresses cost a fifth of the time.
CONSUMERS_A_SHARD = 131_072


def cuts(consumers: int, threads: int, shards: int | None) -> list[int]:
    """Where each shard begins, and the end: ids of consumers."""
    if shards is None:
        turns = max(1, -(-consumers // (CONSUMERS_A_SHARD * threads)))
        shards = turns * threads  # so that no thread waits for another
    return [consumers * k // shards for k in range(shards + 1)]
