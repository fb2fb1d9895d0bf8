"""Bad scenarios, through the real command: exit code 2, every mistake with its place and what is allowed, nothing written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

STORE = Path(__file__).parents[2] / "scenarios" / "store.yaml"
TOP_KEYS = "extends, rules, start, days, seed, currency, consumers, behaviour, merchants, crowds, policies, past"
CAPS_KEYS = "use, from, until, store_limit, store_days, stores_per_day, per_store_per_day, total_per_day, platform_per_day"
PLAN_KEYS = "use, cycle, days, at, scenes, crowd, stop_below, judge_by, staggered, plan_per"
KNOWN_POLICIES = (
    "(allowed: adjust, algorithm_filter, benefit, budget, caps, dedicated_service, desk, effect_data, grading, groups, "
    "invitation, live_rooms, min_crowd, old_customers, overlap, programme, reach_frequency, relation_prices, send_window, "
    "stock, file.py:Class, package.module:Class)"
)
OR = "; or 'choice: compete'"
KNOWN_STRATEGIES = "(allowed: plan, file.py:Class, package.module:Class)"
HISTORY = "customer,x,t_x,T,value,n_value\n"
POLICY = """\
from sim.state.policy import Policy


class Quiet(Policy):
    hours: int = 3


class NoPolicy:
    pass
"""


pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


def write(files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())


def everything() -> dict[str, bytes]:
    """All that stands in the working folder."""
    return {str(path): path.read_bytes() if path.is_file() else b"" for path in sorted(Path().rglob("*"))}


CASES: dict[str, tuple[dict[str, str | bytes], list[str]]] = {
    "misspelt key": (
        {"a.yaml": "days: 3\ndayz: 4\nbehaviour:\n  visits: {folow: 0.1}\n"},
        [
            f"a.yaml:2:1: dayz: not known - did you mean 'days'? (allowed: {TOP_KEYS})",
            "a.yaml:4:12: behaviour.visits.folow: not known - did you mean 'follow'? "
            "(allowed: follow, follow_at_cart, most_follows, join, abandoned_cart, favourite)",
        ],
    ),
    "wrong type": (
        {"a.yaml": "days: many\nstart: yesterday\nmerchants: [a]\nbehaviour: {visits: {follow: true}}\n"},
        [
            "a.yaml:1:7: days: must be a whole number from 1 to 20000 (length of the run, days); given 'many'",
            "a.yaml:2:8: start: must be a date (YYYY-MM-DD) (first day of the run); given 'yesterday'",
            "a.yaml:3:1: merchants: must be a map, each value a map (merchants by name); given a list of 1",
            "a.yaml:4:30: behaviour.visits.follow: must be a number from 0 to 1 "
            "(probability of following at a visit); given true",
        ],
    ),
    "negative count": (
        {"a.yaml": "consumers: -4\nmerchants:\n  store: {count: -1}\n"},
        [
            "a.yaml:1:12: consumers: must be a whole number from 0 to 2000000000 "
            "(consumers; with a table of customers, theirs is the number); given -4",
            "a.yaml:3:18: merchants.store.count: must be a whole number from 1 to 100000 "
            "(merchants of this kind; more than one are named NAME-000, NAME-001, ...); given -1",
        ],
    ),
    "unknown policy": (
        {"a.yaml": "policies:\n  limits: {use: capz}\n  adjsut: {reading: 2}\n  c: 3\n  d: {use: 4}\n"},
        [
            f"a.yaml:2:17: policies.limits.use: 'capz' is not known - did you mean 'caps'? {KNOWN_POLICIES}",
            f"a.yaml:3:3: policies.adjsut.use: 'adjsut' is not known - did you mean 'adjust'? {KNOWN_POLICIES}",
            "a.yaml:4:6: policies.c: must be a map with a key 'use' and the parameters of what that names; given 3",
            "a.yaml:5:12: policies.d.use: must be text: the name of what is to be used, or file.py:Class, "
            "or package.module:Class",
        ],
    ),
    "unknown strategy": (
        {"a.yaml": "merchants:\n  store: {strategy: {use: plam}}\n  other: {strategy: {cycle: 3}}\n"},
        [
            f"a.yaml:1:1: behaviour.stores: 'known' is needed, with 2 merchants: how many stores each consumer knows{OR}",
            "a.yaml:1:1: behaviour.needs: with several merchants, 'needs: null', or 'behaviour.stores.choice: compete'",
            f"a.yaml:2:27: merchants.store.strategy.use: 'plam' is not known - did you mean 'plan'? {KNOWN_STRATEGIES}",
            "a.yaml:3:11: merchants.other.strategy.use: missing: the name of what is to be used, or file.py:Class, "
            "or package.module:Class",
        ],
    ),
    "end before start": (
        {
            "a.yaml": "start: 2023-09-01\n"
            "policies:\n"
            "  a: {use: caps, from: 2023-10-01, until: 2023-09-01}\n"
            "  b: {use: caps, from: 5, until: 5}\n"
            "  c: {use: caps, from: 60, until: '2023-09-20', store_days: 0}\n"
            "  caps: {until: 0}\n"
            "  fine: {use: caps, from: 19, until: 2023-09-21}\n"
        },
        [
            "a.yaml:3:43: policies.a.until: must be after 'from' (2023-10-01), for it is the first day no longer in force; "
            "given 2023-09-01",
            "a.yaml:4:34: policies.b.until: must be after 'from' (5), for it is the first day no longer in force; given 5",
            "a.yaml:5:35: policies.c.until: must be after 'from' (60), for it is the first day no longer in force; "
            "given 2023-09-20",
            "a.yaml:5:61: policies.c.store_days: must be a whole number from 1 to 3650 "
            "(natural days, the day of sending included [MSG-3]); given 0",
            "a.yaml:6:17: policies.caps.until: must be after 'from' (0), for it is the first day no longer in force; given 0",
        ],
    ),
    "circle of files": (
        {"a.yaml": "extends: b.yaml\n", "b.yaml": "extends: c.yaml\n", "c.yaml": "days: 3\nextends: [a.yaml]\n"},
        ["c.yaml:2:11: extends: a circle: a.yaml -> b.yaml -> c.yaml -> a.yaml"],
    ),
    "missing file": (
        {"a.yaml": "extends: [there.yaml, nobody.yaml]\n", "there.yaml": "days: 3\n"},
        ["a.yaml:1:23: extends: nobody.yaml: there is no such file"],
    ),
    "missing file with a like name": (
        {"a.yaml": "extends: sotre.yaml\n", "store.yaml": "days: 3\n"},
        ["a.yaml:1:10: extends: sotre.yaml: there is no such file - did you mean 'store.yaml'?"],
    ),
    "duplicate key": (
        {"a.yaml": "days: 3\npolicies:\n  caps: {}\n  caps: {}\ndays: 4\n"},
        [
            "a.yaml:4:3: policies.caps: given twice: the first is at a.yaml:3:3",
            "a.yaml:5:1: days: given twice: the first is at a.yaml:1:1",
        ],
    ),
    "broken YAML": (
        {"a.yaml": "days: [1, 2\nstart: 2023-09-01\n"},
        ["a.yaml:2:6: broken YAML: the list that begins at 1:7 needs a ',' or its closing bracket here"],
    ),
    "tab": ({"a.yaml": "merchants:\n\tstore: {}\n"}, ["a.yaml:2:1: broken YAML: a tab stands here: use spaces"]),
    "not UTF-8": (
        {"a.yaml": b"days: 3\ncurrency: \xff\n"},
        ["a.yaml:2:11: not UTF-8 text: byte 0xff at offset 18; save the file as UTF-8"],
    ),
    "empty file": ({"a.yaml": ""}, ["a.yaml:1:1: the file is empty: a scenario is a map of keys and values"]),
    "wrong parameter of a policy": (
        {"a.yaml": "policies:\n  caps:\n    store_dayz: 3\n    store_limit: few\n"},
        [
            f"a.yaml:3:5: policies.caps.store_dayz: not known - did you mean 'store_days'? (allowed: {CAPS_KEYS})",
            "a.yaml:4:18: policies.caps.store_limit: must be a whole number from 0 to 200 or null "
            "(old-customer messages of a store in `store_days` [MSG-3]; null: no limit); given 'few'",
        ],
    ),
    "wrong parameter of a strategy": (
        {"a.yaml": "merchants:\n  store:\n    strategy: {use: plan, cycel: 3, at: '25:00', scenes: [cs.costum], days: [-1]}\n"},
        [
            f"a.yaml:3:27: merchants.store.strategy.cycel: not known - did you mean 'cycle'? (allowed: {PLAN_KEYS})",
            "a.yaml:3:41: merchants.store.strategy.at: must be text like ^([01]\\d|2[0-3]):[0-5]\\d$ "
            "(time of the day, HH:MM); given '25:00'",
            "a.yaml:3:59: merchants.store.strategy.scenes[0]: must be one of cs.service, cs.custom, cs.new_arrival, "
            "cs.follow_gift, cs.repurchase_coupon, cs.promotion, cs.member_day, group.member, group.ordinary, feed; "
            "given 'cs.costum' - did you mean 'cs.custom'?",
            "a.yaml:3:71: merchants.store.strategy.days: days of the cycle count from 0",
        ],
    ),
    "plug-in files": (
        {
            "a.yaml": "policies:\n"
            "  a: {use: nobody.py:Quiet}\n"
            "  b: {use: broken.py:Quiet}\n"
            "  c: {use: failing.py:Quiet}\n"
            "  d: {use: policy.py:Qiet}\n"
            "  e: {use: policy.py:NoPolicy}\n"
            "  f: {use: policy.py:Quiet, hous: 3}\n"
            "  g: {use: policy.py}\n"
            "  h: {use: json:loads}\n"
            "  i: {use: no_such_package.module:Quiet}\n"
            "  j: {use: leaving.py:Quiet}\n"
            "merchants:\n"
            "  store: {strategy: {use: policy.py:Quiet}}\n",
            "broken.py": "class Quiet(\n",
            "failing.py": "import json\n\njson.no_such_thing\n",
            "leaving.py": "import sys\nsys.exit(0)\n",
            "policy.py": POLICY,
        },
        [
            "a.yaml:2:12: policies.a.use: {here}/nobody.py: there is no such file",
            "a.yaml:3:12: policies.b.use: 'broken.py:Quiet': broken.py cannot be imported: "
            "SyntaxError: '(' was never closed (broken.py, line 1)",
            "a.yaml:4:12: policies.c.use: 'failing.py:Quiet': failing.py cannot be imported: "
            "AttributeError: module 'json' has no attribute 'no_such_thing' (line 3)",
            "a.yaml:5:12: policies.d.use: 'policy.py:Qiet': policy.py has no 'Qiet' - did you mean 'Quiet'? (allowed: Quiet)",
            "a.yaml:6:12: policies.e.use: 'policy.py:NoPolicy' is no Policy: "
            "a class derived from sim.state.policy.Policy is needed",
            "a.yaml:7:29: policies.f.hous: not known - did you mean 'hours'? (allowed: use, from, until, hours)",
            "a.yaml:8:12: policies.g.use: 'policy.py': the name of the class is missing (file.py:Class)",
            "a.yaml:9:12: policies.h.use: 'json:loads' is no Policy: a class derived from sim.state.policy.Policy is needed",
            "a.yaml:10:12: policies.i.use: 'no_such_package.module:Quiet': no_such_package.module cannot be imported: "
            "ModuleNotFoundError: No module named 'no_such_package'",
            "a.yaml:11:12: policies.j.use: 'leaving.py:Quiet': leaving.py cannot be imported: SystemExit: 0 (line 2)",
            "a.yaml:13:27: merchants.store.strategy.use: 'policy.py:Quiet' is no Strategy: "
            "a class derived from sim.state.policy.Strategy is needed",
        ],
    ),
    "missing tables": (
        {"a.yaml": "dayz: 3\nmerchants: {store: {}}\npast: {customers: no.csv, weeks: neither.csv}\n"},
        [
            f"a.yaml:1:1: dayz: not known - did you mean 'days'? (allowed: {TOP_KEYS})",
            "a.yaml:3:19: past.customers: {here}/no.csv: there is no such file",
            "a.yaml:3:34: past.weeks: {here}/neither.csv: there is no such file",
        ],
    ),
    "rows of the customers' table": (
        {
            "a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n",
            "customers.csv": HISTORY + "ann,x,-2,3,4,inf\n\nann,1.5,2,,4,1\n,1,2,3,4,1\n",
        },
        [
            "customers.csv:2:1: x: must be a whole number of at least 0 and at most 30000; given 'x'",
            "customers.csv:2:1: t_x: must be a number of at least 0 and at most 4000; given -2",
            "customers.csv:2:1: n_value: must be a whole number of at least 0 and at most 30000; given inf",
            "customers.csv:4:1: x: must be a whole number of at least 0 and at most 30000; given '1.5'",
            "customers.csv:4:1: T: must be a number of at least 0 and at most 4000; given nothing",
            "customers.csv:4:1: customer: must be a name that no line before has; given 'ann'",
            "customers.csv:5:1: customer: a name is needed",
        ],
    ),
    "histories that cannot be": (
        {
            "a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n",
            "customers.csv": "customer,x,t_x,T,value,n_value,enter\n"
            "ann,1,4,3,4,1,\nbob,0,1,3,0,0,\ncid,1,1,3,4,2,\ndan,1,1,3,0,1,\neve,1,1,3,4,1,7\n",
        },
        [
            "customers.csv:2:1: t_x: the last purchase is at most T weeks after the first",
            "customers.csv:3:1: t_x: above 0 for those with repeat purchases (x above 0), and for them only",
            "customers.csv:4:1: n_value: at most x, for it counts repeat purchases with an amount",
            "customers.csv:5:1: value: above 0 where n_value is",
            "customers.csv:6:1: enter: whoever has bought before (x above 0) cannot buy for the first time",
        ],
    ),
    "columns of the customers' table": (
        {
            "a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n",
            "customers.csv": "customer,x,t_x\nann,1,2\n",
        },
        ["customers.csv:1:1: column T, value, n_value is missing (columns: customer, x, t_x)"],
    ),
    "values of the customers' table": (
        {
            "a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n",
            "customers.csv": HISTORY + "ann,1,2,3,4,1\nbob,1,2,3,4,1,5\n",
        },
        ["customers.csv:3:1: 7 values, but there are 6 columns"],
    ),
    "customers' table without customers": (
        {"a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n", "customers.csv": HISTORY},
        ["customers.csv:1:1: there are no customers in this table"],
    ),
    "customers' table that is empty": (
        {"a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n", "customers.csv": ""},
        ["customers.csv:1:1: the table is empty; its columns are customer, x, t_x, T, value, n_value"],
    ),
    "customers' table of bytes": (
        {"a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n", "customers.csv": b"customer,x\n\xff,1\n"},
        ["customers.csv:1:1: not UTF-8 text (byte 0xff)"],
    ),
    "names": (
        {
            "a.yaml": 'merchants: {a: {count: 2}, a-001: {}, "": {}}\n'
            'policies: {"x\\ny": {use: caps}}\nbehaviour: {needs: null}\n'
        },
        [
            "a.yaml:1:28: merchants.a-001: there would be two merchants called 'a-001' "
            "(several alike are NAME-000, NAME-001, ...)",
            "a.yaml:1:39: merchants.'': a name must be text that can be printed, and not empty",
            "a.yaml:2:12: policies.'x\\ny': a name must be text that can be printed, and not empty",
            f"a.yaml:3:1: behaviour.stores: 'known' is needed, with 4 merchants: how many stores each consumer knows{OR}",
        ],
    ),
    "what only the whole can tell": (
        {"a.yaml": "merchants: {a: {}, b: {}}\npast: {}\nbehaviour: {stores: {known: 2}}\n"},
        [
            "a.yaml:2:1: past: a declared past is that of one store, but there are 2 merchants",
            "a.yaml:3:1: behaviour.needs: with several merchants, 'needs: null', or 'behaviour.stores.choice: compete'",
        ],
    ),
    "too many known stores": (
        {"a.yaml": "merchants: {a: {}}\nbehaviour: {stores: {known: 2}}\n"},
        ["a.yaml:2:29: behaviour.stores.known: 2 distinct stores were asked for, but there are 1 merchants"],
    ),
    "needs that nobody meets": (
        {
            "a.yaml": "merchants: {a: {}}\n"
            "past: {bg_nbd: {r: 1, alpha: 1, a: 1, b: 1}}\n"
            "behaviour: {sessions: {per_day: 0}, stores: {consider: 0}}\n"
        },
        [
            "a.yaml:3:33: behaviour.sessions.per_day: must be above 0 where needs wait for visits: else none is met; given 0",
            "a.yaml:3:56: behaviour.stores.consider: must be above 0 where needs wait for visits: else none is met; given 0",
        ],
    ),
    "a past that is short, or of two forms, or of none": (
        {
            "a.yaml": "extends: [b.yaml, c.yaml]\npast: {days: 90}\n",
            "b.yaml": "days: 3\n",
            "c.yaml": "past: {bg_nbd: {r: 1, alpha: 1, a: 1, b: 1}, weeks: null}\nmerchants: {store: {}}\n",
        },
        [
            "c.yaml:1:8: past.bg_nbd: belongs to a declared past, but days to a simulated one; a past is the one or the other "
            "(null takes away what an extended file has)",
        ],
    ),
    "a past of fewer days than windows look back": (
        {"a.yaml": "merchants: {store: {}}\npast: {days: 90, policies: {caps: {from: 3, store_dayz: 7}, quit: {}}}\n"},
        [
            "a.yaml:2:14: past.days: must be at least 365, for windows look back so far (who bought within a year is an old "
            "customer); given 90; 'short: true' says that fewer are meant",
            "a.yaml:2:36: past.policies.caps.from: not allowed, for a policy of the past is in force throughout it",
            f"a.yaml:2:45: past.policies.caps.store_dayz: not known - did you mean 'store_days'? (allowed: {CAPS_KEYS})",
            f"a.yaml:2:61: past.policies.quit.use: 'quit' is not known {KNOWN_POLICIES}",
        ],
    ),
    "a past without days": (
        {"a.yaml": "past: {policies: {caps: {}}}\n"},
        [
            "a.yaml:1:1: past.days: missing; must be a whole number from 1 to 3650 "
            "(days before the start, at least 365 unless `short`)",
        ],
    ),
    "what a merchant did in a past that is not simulated": (
        {"a.yaml": "merchants:\n  a: {past_strategy: null}\n  b: {past_strategy: plam}\npast: cold\n"},
        [
            "a.yaml:2:22: merchants.a.past_strategy: has no effect: this scenario's past is not simulated (past: {days: ...})",
            "a.yaml:3:22: merchants.b.past_strategy: has no effect: this scenario's past is not simulated (past: {days: ...})",
            "a.yaml:3:22: merchants.b.past_strategy: must be a map with a key 'use' and the parameters of what that names; "
            "given 'plam'",
        ],
    ),
    "several mistakes in several files": (
        {
            "a.yaml": "extends: [b.yaml, c.yaml]\nseed: -1\npolicies:\n  caps: {store_days: 0}\n",
            "b.yaml": "consumers: few\npolicies:\n  x: {use: capz}\n",
            "c.yaml": "extends: nobody.yaml\nconsumer: 3\nmerchants: {store: {goods_cost: 2}}\n",
        },
        [
            "a.yaml:2:7: seed: must be a whole number of at least 0 and below 9223372036854775808 (seed of all draws); "
            "given -1",
            "a.yaml:4:22: policies.caps.store_days: must be a whole number from 1 to 3650 "
            "(natural days, the day of sending included [MSG-3]); given 0",
            "b.yaml:1:12: consumers: must be a whole number from 0 to 2000000000 "
            "(consumers; with a table of customers, theirs is the number); given 'few'",
            f"b.yaml:3:12: policies.x.use: 'capz' is not known - did you mean 'caps'? {KNOWN_POLICIES}",
            "c.yaml:1:10: extends: nobody.yaml: there is no such file",
            f"c.yaml:2:1: consumer: not known - did you mean 'consumers'? (allowed: {TOP_KEYS})",
            "c.yaml:3:33: merchants.store.goods_cost: must be a number from 0 to 1 "
            "(cost of goods as a share of their list price); given 2",
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_bad_scenario(name: str, command: Callable) -> None:
    files, lines = CASES[name]
    write(files)
    before = everything()
    said = command("run", "a.yaml")
    here = os.getcwd()
    assert said.err.replace(f"{here}/customers.csv", "customers.csv").splitlines() == [
        line.replace("{here}", here) for line in lines
    ]
    assert (said.code, said.out) == (2, "")
    assert everything() == before


def test_the_command_itself(tmp_path: Path) -> None:
    """Exit code 2, no traceback, nothing on stdout, nothing written; the same for a file that is not there."""
    write({"a.yaml": f"extends: {STORE}\ndayz: 3\n"})
    before = everything()
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", "run", "a.yaml", "nobody.yaml"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, ""), "one scenario is run at a time"
    done = subprocess.run(
        [sys.executable, "-m", "sim.cli", "validate", "nobody.yaml", "a.yaml"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "nobody.yaml: there is no such file",
        f"a.yaml:2:1: dayz: not known - did you mean 'days'? (allowed: {TOP_KEYS})",
    ]
    assert everything() == before


@pytest.mark.parametrize("verb", ["run", "validate", "compare"])
def test_each_command_says_the_same(verb: str, command: Callable) -> None:
    write({"a.yaml": "dayz: 3\n", "b.yaml": "extends: a.yaml\nseed: x\n"})
    said = command(verb, *(["a.yaml", "b.yaml"] if verb != "run" else ["b.yaml"]), "--set", "days=0")
    assert said.code == 2
    assert [line.split(": ")[0] for line in said.err.splitlines() if not line.startswith("--set")] == (
        ["b.yaml:2:7", "a.yaml:1:1"] if verb == "run" else ["a.yaml:1:1", "b.yaml:2:7"]
    )
    assert said.err.count("--set days=0: days: must be a whole number from 1 to 20000") == 1


def test_mistakes_in_overlays_and_sets(command: Callable) -> None:
    write({"a.yaml": "days: 3\n", "over.yaml": "past: {customers: no.csv}\nmerchants: {store: {}}\n"})
    said = command(
        "run", "a.yaml", "--with", "over.yaml", "--with", "no.yaml", "--set", "nothing", "--set", "policies.caps.store_dayz=3"
    )
    assert said.code == 2
    assert said.err.splitlines() == [
        "no.yaml: there is no such file",
        f"over.yaml:1:19: past.customers: {os.getcwd()}/no.csv: there is no such file",
        "--set nothing: must be KEY=VALUE, with dots between the keys: --set policies.caps.store_days=3",
        "--set policies.caps.store_dayz=3: policies.caps.store_dayz: not known - did you mean 'store_days'? "
        f"(allowed: {CAPS_KEYS})",
    ]


def test_many_bad_rows_are_counted(command: Callable) -> None:
    write({"a.yaml": "merchants: {store: {}}\npast: {customers: customers.csv}\n"})
    Path("customers.csv").write_text(HISTORY + "".join(f"c{k},-1,0,3,0,0\n" for k in range(30)))
    lines = command("validate", "a.yaml").err.splitlines()
    assert len(lines) == 21
    assert lines[-1].endswith("customers.csv:22:1: and 10 problems more in this table")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--seed", "-1"], "seed: must be a whole number from 0 to 2**63 - 1; given -1"),
        (["--events", "some"], "events: must be one of none, sample, all, full; given 'some'"),
        (["--threads", "0"], "threads: must be at least 1; given 0"),
        (["--shards", "0"], "shards: must be at least 1; given 0"),
    ],
)
def test_options_that_cannot_be(options: list[str], words: str, command: Callable) -> None:
    write({"a.yaml": "days: 3\n"})
    before = everything()
    said = command("run", "a.yaml", *options)
    assert (said.code, said.out, said.err) == (2, "", words + "\n")
    assert everything() == before


def test_a_policy_is_taken_away_by_null(command: Callable) -> None:
    write(
        {
            "base.yaml": yaml.safe_dump({"policies": {"caps": {"store_days": 3}}}),
            "a.yaml": "extends: base.yaml\npolicies: {caps: null}\n",
        }
    )
    assert command("validate", "a.yaml").code == 0
