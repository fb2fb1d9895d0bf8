"""The command `sim`. Nothing heavy is imported here: every command imports what it needs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.errors import BadInput, Problem
from sim.garbage import look_seldom

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison
    from sim.experiments.executor import LocalProcesses
    from sim.experiments.profile import Profile
    from sim.experiments.sweep import Sweep
    from sim.scenario.load import Scenario

app = typer.Typer(
    help="Simulate the private traffic of an e-commerce platform and compare strategies before they are run for real.\n\n"
    "模拟电商平台的私域流量，在真正执行之前比较各种策略。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Sets = Annotated[list[str] | None, typer.Option("--set", metavar="a.b.c=V", help="Change a setting. 修改一项设置")]
Overlays = Annotated[
    list[Path] | None, typer.Option("--with", metavar="FILE", help="Lay a file over the scenario. 叠加一个文件")
]
Out = Annotated[Path | None, typer.Option("--out", help="Folder for results; must be new or empty. 结果文件夹")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else. 只输出 JSON")]
Events = Annotated[str, typer.Option("--events", metavar="none|sample|all|full", help="What the event log holds. 事件日志")]
Threads = Annotated[int | None, typer.Option(help="Threads; all cores by default. 线程数")]
Seed = Annotated[int | None, typer.Option(help="Seed of all draws; the scenario's by default. 随机种子")]


def main() -> None:
    """The entry point: bad input ends with exit code 2, a fault with 1, an interrupt with 130."""
    look_seldom()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # the help is in two languages, wherever it is shown
    try:
        code = app(standalone_mode=False, prog_name="sim")  # answers what typer.Exit was raised with
        sys.exit(code if isinstance(code, int) else 0)
    except BadInput as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(2)
    except Exception as error:
        if isinstance(error.__cause__, EOFError):  # typer takes it for the end of a person's typing
            raise error.__cause__ from None
        show = getattr(error, "show", None)  # a mistake in the command line: typer says it best
        if show is not None:
            show()
            sys.exit(getattr(error, "exit_code", 2))
        raise


@app.command()
def run(
    scenario: Annotated[Path, typer.Argument(help="Scenario file. 情景文件")],
    seed: Seed = None,
    out: Out = None,
    sets: Sets = None,
    overlays: Overlays = None,
    events: Events = "none",
    threads: Threads = None,
    shards: Annotated[int | None, typer.Option(help="Parts of the population; results do not depend on it. 分片数")] = None,
    profile: Annotated[bool, typer.Option("--profile", help="Say what each rule costs in time. 显示各规则耗时")] = False,
    profile_days: Annotated[
        int | None, typer.Option(metavar="N", help="Days that are run again for that. 为此重跑的天数")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a scenario once / 运行一个情景"""
    with _clean_stdout(as_json):
        loaded = _load(scenario, sets, overlays)
        from sim.experiments import profile as profiles
        from sim.results.files import default_folder
        from sim.results.run import check_options
        from sim.results.run import run as run_scenario

        check_options(seed, events, threads, shards)  # before a folder is made
        profiles.check(loaded, profile_days, profile)
        home = out or default_folder(loaded.name)
        with _interruptible():
            done = run_scenario(loaded, seed, home, events, threads, shards, progress=not as_json)
        found = None
        if profile:
            with _stoppable():
                found = profiles.profile(loaded, seed, _manifest(home), profile_days, threads, shards)
            profiles.note(home, found)
    _tell(done, as_json, found)


@app.command()
def resume(
    folder: Annotated[Path, typer.Argument(help="Folder of a run, comparison or sweep. 结果文件夹")],
    threads: Threads = None,
    as_json: Json = False,
) -> None:
    """Go on with what was interrupted / 继续被中断的运行、比较或网格"""
    if any((folder / name).exists() for name in ("plan.json", "comparison.json")):
        with _clean_stdout(as_json), _stoppable():
            from sim.experiments.compare import resume as resume_comparison
            from sim.report.report import write_report

            compared = resume_comparison(folder, threads, progress=not as_json)
            page = write_report(compared.folder)
        _tell_comparison(compared, page, as_json)
        return
    if (folder / "design.json").exists():
        with _clean_stdout(as_json), _stoppable():
            from sim.experiments.sweep import resume as resume_sweep
            from sim.report.report import write_report

            swept = resume_sweep(folder, threads, progress=not as_json)
            page = write_report(swept.folder)
        _tell_sweep(swept, page, as_json)
        return
    with _clean_stdout(as_json):
        from sim.results.run import resume as resume_run

        with _interruptible():
            done = resume_run(folder, threads, progress=not as_json)
    _tell(done, as_json)


@app.command()
def compare(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files; the first is the base. 情景文件，第一个为基准")],
    replications: Annotated[int, typer.Option("-r", "--replications", help="Paired replications. 配对重复次数")] = 8,
    out: Out = None,
    draws: Annotated[int, typer.Option(help="Draws of the assumption range; 0: none. 假设范围的抽样次数")] = 20,
    draws_consumers: Annotated[
        int | None, typer.Option(metavar="N", help="Consumers of these draws; all by default. 抽样所用的消费者数")
    ] = None,
    sets: Sets = None,
    overlays: Overlays = None,
    as_json: Json = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the report. 报告语言")] = "en",
) -> None:
    """Compare scenarios under common random numbers / 在相同随机数下比较各情景"""
    if len(scenarios) < 2:
        raise BadInput("compare: at least two scenarios are needed, the first being the base")
    with _clean_stdout(as_json), _stoppable():
        with _processes(len(scenarios) * replications) as executor:
            loaded = _load_all(scenarios, sets, overlays)
            from sim.experiments.compare import compare as compare_scenarios

            done = compare_scenarios(
                loaded,
                replications,
                out,
                draws=draws,
                draws_consumers=draws_consumers,
                executor=executor,
                progress=not as_json,
                command=shlex.join(["sim", *sys.argv[1:]]),
            )
        from sim.report.report import write_report

        page = write_report(done.folder, lang)
    _tell_comparison(done, page, as_json)


@app.command()
def sweep(
    scenario: Annotated[Path, typer.Argument(help="Scenario file. 情景文件")],
    grid: Annotated[
        list[str], typer.Option("--grid", metavar="a.b.c=V,V,...|FILE", help="A setting and its values. 一项设置及其取值")
    ],
    replications: Annotated[int, typer.Option("-r", "--replications", help="Replications of each point. 每点重复次数")] = 8,
    out: Out = None,
    sets: Sets = None,
    overlays: Overlays = None,
    workers: Annotated[int | None, typer.Option(help="Runs at a time; all cores by default. 同时运行数")] = None,
    keep_runs: Annotated[bool, typer.Option("--keep-runs", help="Keep a folder of each run. 保留每次运行的文件夹")] = False,
    as_json: Json = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the report. 报告语言")] = "en",
) -> None:
    """Run a grid over settings of a scenario / 按设置网格批量运行"""
    with _clean_stdout(as_json), _stoppable():
        with _processes(replications, workers) as executor:
            loaded = _load(scenario, sets, overlays)
            from sim.experiments.sweep import sweep as sweep_scenario

            done = sweep_scenario(
                loaded,
                grid,
                replications,
                out,
                workers=workers,
                keep_runs=keep_runs,
                executor=executor,
                progress=not as_json,
                command=shlex.join(["sim", *sys.argv[1:]]),
            )
        from sim.report.report import write_report

        page = write_report(done.folder, lang)
    _tell_sweep(done, page, as_json)


@app.command()
def calibrate(
    log: Annotated[Path, typer.Argument(help="Purchase log, CSV or CSV.gz. 购买记录")],
    where: Annotated[list[str] | None, typer.Option("--where", metavar="COL=V", help="Rows to keep. 筛选行")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Last day of the fitted period. 拟合期最后一天")] = None,
    out: Annotated[Path, typer.Option(help="The overlay to write. 输出文件")] = Path("calibrated.yaml"),
    customer: Annotated[str | None, typer.Option("--customer", metavar="COL", help="Column of customers. 顾客列")] = None,
    date: Annotated[str | None, typer.Option("--date", metavar="COL", help="Column of dates. 日期列")] = None,
    amount: Annotated[str | None, typer.Option("--amount", metavar="COL", help="Column of amounts. 金额列")] = None,
    store: Annotated[str | None, typer.Option("--store", metavar="COL", help="Column of stores. 店铺列")] = None,
    drop_duplicates: Annotated[bool, typer.Option("--drop-duplicates", help="Drop rows that are exactly alike. 去重")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the overlay. 覆盖已有文件")] = False,
    as_json: Json = False,
) -> None:
    """Fit a store's customers from its purchase log / 用购买记录拟合顾客"""
    with _clean_stdout(as_json):
        from sim.experiments.calibrate import calibrate as calibrate_log

        done = calibrate_log(
            log,
            until=until,
            where=tuple(where or ()),
            out=out,
            drop_duplicates=drop_duplicates,
            force=force,
            customer=customer,
            date=date,
            amount=amount,
            store=store,
        )
    for warning in done.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    result = done.to_json()
    if as_json:
        _print_json(result)
        return
    timing, spend, holdout = result["bg_nbd"], result["gamma_gamma"], result["holdout"]
    print(f"{result['customers']:,} customers until {result['until']}")
    print("BG/NBD: " + ", ".join(f"{name} {value:.4f}" for name, value in timing.items()))
    print("Gamma-Gamma: " + ", ".join(f"{name} {value:.3f}" for name, value in spend.items()))
    if holdout:
        figures = f"{holdout['actual']:,} in the log, {holdout['predicted']:,.1f} predicted"
        print(f"Repeat purchases until {holdout['until']}: {figures}")
    print(f"Overlay: {out} (use it with `--with {out}`)")


@app.command()
def validate(
    scenarios: Annotated[list[Path], typer.Argument(help="Scenario files. 情景文件")],
    sets: Sets = None,
    overlays: Overlays = None,
) -> None:
    """Check scenario files / 检查情景文件"""
    from sim.scenario.crowds import unused
    from sim.scenario.whole import never_in_force

    for loaded in _load_all(scenarios, sets, overlays):
        size = f"{loaded.consumers:,} consumers, {len(loaded.merchants)} merchants, {loaded.settings.days} days"
        print(f"{loaded.name}: valid, {size}")
        idle = unused(loaded.settings.crowds, loaded.policies, loaded.past_policies)
        for line in (*never_in_force(loaded.settings, loaded.policies), *idle):
            print(f"  {line}")


@app.command()
def schema(
    scenarios: Annotated[
        list[Path] | None, typer.Argument(metavar="[SCENARIO]...", help="Their own policies and strategies too. 包括其自有规则")
    ] = None,
) -> None:
    """Print the JSON Schema of scenario files / 输出 JSON Schema"""
    from sim.scenario.load import load
    from sim.scenario.schema import json_schema

    print(json.dumps(json_schema(*map(load, scenarios or [])), indent=2, ensure_ascii=False))


@app.command()
def grade(
    table: Annotated[
        Path, typer.Argument(help="CSV of refreshes, settings and asks of merchants. 商家考核、设置与查询的表格（CSV）")
    ],
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="a.b=V", help="Change a rule: lines.default.quality.scale=2000, grace_hours=48. 修改规则参数"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON list and nothing else. 只输出 JSON")] = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the table. 表格语言")] = "en",
) -> None:
    """Ask what grading would make of merchants / 查询商家分层结果

    TABLE has a row per merchant, time (2021-12-16T00:00:00) and event: a `refresh` gives the indicators of the period just
    ended (online_days, scale, gmv_share, quality_ratio, penetration) and the industry, a `setting` is zero or purchased, an
    `ask` only asks. Columns custom_until, custom_ordered, member_link and newcomer_since give other rights.
    The answer is the merchant's standing just after each row.

    每行写明商家、时间与事件：refresh 为考核，填写刚结束周期的各项指标与行业；setting 为入会门槛设置，zero 为0元入会，purchased
    为已购入会；ask 只作查询。输出为每行之后商家的状态。
    """
    with _clean_stdout(as_json):
        from sim.experiments.grade import grade as grade_table
        from sim.report.grades import check_language, render

        check_language(lang)
        done = grade_table(table, sets or ())
    for warning in done.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if as_json:
        _print_json(done.to_json())
    else:
        print(render(done, lang))


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Folder of a run, comparison or sweep. 结果文件夹")],
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Opening language. 报告语言")] = "en",
) -> None:
    """Write the report of a run, comparison or sweep anew / 重新生成报告"""
    from sim.report.report import write_report

    print(write_report(folder, lang))


def _load(path: Path, sets: list[str] | None, overlays: list[Path] | None) -> Scenario:
    from sim.scenario.load import load

    return load(path, sets=sets or (), overlays=overlays or ())


def _load_all(paths: list[Path], sets: list[str] | None, overlays: list[Path] | None) -> list[Scenario]:
    """All scenarios, or all that is wrong with any of them."""
    loaded: list[Scenario] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            loaded.append(_load(path, sets, overlays))
        except BadInput as error:
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise BadInput(problems)
    return loaded


@contextlib.contextmanager
def _processes(runs: int, workers: int | None = None) -> Iterator[LocalProcesses | None]:
    """Processes for so many runs or more, started while what they shall run is still to be read; None: one is enough.

    While they are at work the report's libraries are loaded.
    """
    from sim.experiments.executor import READY, LocalProcesses, cores

    most = workers or cores()
    if most == 1:
        yield None
        return
    with LocalProcesses(most, READY, meanwhile=_get_report_ready) as processes:
        yield processes.start(runs)


def _get_report_ready() -> None:
    from sim.report.report import get_ready

    get_ready()


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """An interrupted run ends the command with exit code 130, and words."""
    from sim.results.run import Interrupted

    try:
        yield
    except Interrupted as interrupted:
        print(interrupted, file=sys.stderr)
        raise typer.Exit(130) from None


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """An interrupted comparison, also one that is asked to end, ends the command with exit code 130, and words."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt as interrupted:
        print(str(interrupted) or "interrupted", file=sys.stderr)
        raise typer.Exit(130) from None
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _clean_stdout(clean: bool) -> Iterator[None]:
    """Whatever is printed meanwhile, by plug-ins or other processes too, goes to stderr, so that stdout is for the JSON."""
    if not clean:
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _print_json(data: Any) -> None:
    print(json.dumps(data, allow_nan=False))


def _manifest(folder: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def _tell(done: Any, as_json: bool, profile: Profile | None = None) -> None:
    """What came out of a run, and what its rules cost if that was asked."""
    manifest = _manifest(done.folder)
    summary, seconds = done.summary, manifest["seconds"]
    if as_json:
        of_profile = {} if profile is None else {"profile": profile.to_dict()}
        _print_json({"folder": str(done.folder), "seconds": seconds, **summary, **of_profile})
        return
    totals = summary["totals"]

    def money(amount: int) -> str:
        return f"{amount / 100:,.2f} {summary['currency']}"

    print(f"{summary['scenario']}, seed {summary['seed']}: {summary['events']:,} events in {seconds:.1f} s")
    orders = f"orders {totals['orders']:,} (repeat {totals['repeat_orders']:,})"
    print(f"  {orders}, GMV {money(totals['gmv'])}, profit {money(totals['profit'])}")
    print(f"  messages {totals['messages_sent']:,}, read {totals['messages_read']:,}, opt-outs {totals['opt_outs']:,}")
    if profile is not None:
        from sim.experiments.profile_table import render

        for part, seconds in manifest["seconds_by_part"].items():
            print(f"  {part}: {seconds:.2f} s")
        print(f"  peak memory: {manifest['peak_bytes'] / 2**20:,.0f} MB")
        print(f"\n{render(profile)}\n")
    print(f"Results: {done.folder}")


def _tell_comparison(done: Comparison, page: Path, as_json: bool) -> None:
    """What came out of a comparison. What could be run was compared; who gave bad input still has something to mend."""
    if as_json:
        _print_json(done.to_dict())
    else:
        from sim.experiments.table import render
        from sim.report.holdout import holdout_lines

        print(render(done))
        print("\n".join(["", *holdout_lines(done.folder), "", f"Report: {page}"]))
    wrong = dict.fromkeys(one["error"] for one in done.failures if one["bad_input"])
    if wrong:
        raise BadInput(list(map(Problem, wrong)))


def _tell_sweep(done: Sweep, page: Path, as_json: bool) -> None:
    """What came out of a sweep; runs that failed are counted by the exit code, and told last."""
    if as_json:
        _print_json(done.to_dict())
    else:
        from sim.experiments.sweep_table import render

        print(render(done))
        print(f"\nResults: {done.folder}\nReport: {page}")
    if done.failures:
        runs = done.complete + len(done.failures)
        print(f"{len(done.failures)} of {runs} runs failed; `sim resume {done.folder}` tries them again", file=sys.stderr)
        raise typer.Exit(1)


if __name__ == "__main__":
    main()
