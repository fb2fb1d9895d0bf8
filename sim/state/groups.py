"""Groups of a store as the kernel knows them: who may take a seat in which [GRP-1, GRP-2]."""

from __future__ import annotations

from sim.state.benefits import NO_CROWD
from sim.state.columns import Column, Table

GROUP_KINDS = ("member", "ordinary")
GROUP_BITS = {kind: 1 << k for k, kind in enumerate(GROUP_KINDS)}  # of a relation's `groups`

GROUP = Table(
    "group",
    "One row per store and kind of its groups, by store: a seat in any of them is had once.",
    (
        Column("key", "u8", "", "hash of its policy's name and the store's"),
        Column("policy", "i4", "", "position among the names of benefits and groups"),
        Column("merchant", "i4", "", "store"),
        Column("kind", "i4", "", "bit of groups.GROUP_BITS"),
        Column("channel", "i4", "", "in the log"),
        Column("open", "i4", "0/1", "in force today, and the store may operate it [GRP-6, GRD-5]"),
        Column("at", "i4", "", "occasions of entering, as bits"),
        Column("enter", "f8", "", "probability that who may enter does, on one occasion"),
        Column("who", "i4", "", "relation that may: a position in benefits.WHO"),
        Column("by_itself", "i4", "0/1", "orders, amount and password let in; else the crowd alone does"),
        Column("orders_from", "i4", "", "fewest orders at the store so far"),
        Column("paid_from", "i8", "minor unit", "least amount paid at the store in all"),
        Column("password", "f8", "", "share of consumers who know what is asked for"),
        Column("crowd", "i4", "row", "row of `named_crowd` whose relations may enter too; -1: none", NO_CROWD),
        Column("crowd_open", "i4", "0/1", "they may today: the store has members enough [GRP-2]"),
        Column("claims_first", "i4", "row", "where the seats stand in the list of claims"),
        Column("claims_last", "i4", "row", "and end"),
    ),
)
