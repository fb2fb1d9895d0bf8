"""Which stores a policy is of, where it names some of them or their industries."""

from __future__ import annotations

from collections.abc import Sequence


def is_among(merchants: Sequence[str], industries: Sequence[str], merchant: str, industry: str) -> bool:
    """Whether a store is named, by itself or by its industry; where nothing is named, all stores are."""
    return not (merchants or industries) or merchant in merchants or industry in industries
