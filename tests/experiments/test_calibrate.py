"""From a purchase log to parameters, tables and an overlay: CDNOW's published figures, and small logs counted by hand."""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import BadInput, Problem
from sim.experiments.calibrate import (
    Calibration,
    calibrate,
    customer_table,
    daily_transactions,
    week_table,
    yaml_number,
)

CDNOW = Path(__file__).parents[2] / "data" / "cdnow.csv.gz"
UNTIL = date(1997, 9, 30)
Write = Callable[..., Path]


@pytest.fixture(scope="module")
def sample() -> Calibration:
    return calibrate(CDNOW, where=["in_sample=1"], until="1997-09-30")


@pytest.fixture(scope="module")
def cohort() -> Calibration:
    return calibrate(CDNOW, until=UNTIL)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*rows: str, header: str = "customer,date,amount") -> Path:
        path = tmp_path / "log.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return write


def refusal(*args, **kwargs) -> list[Problem]:
    with pytest.raises(BadInput) as caught:
        calibrate(*args, **kwargs)
    return caught.value.problems


SMALL = [
    "ann,2024-01-01,10.00",
    "ann,2024-01-15,20.00",
    "ann,2024-01-15,5.50",
    "ann,2024-01-29,0.00",
    "ann,2024-02-12,40.00",
    "bob,2024-01-08,7.00",
    "bob,2024-01-08,7.00",
    "cat,2024-01-22,3.00",
    "cat,2024-01-29,1.01",
    "cat,2024-01-30,1.02",
    "dan,2024-02-01,9.99",
    "dan,2024-02-12,9.99",
]


class TestCdnow:
    def test_sample_has_the_published_parameters(self, sample: Calibration) -> None:
        assert vars(sample.bg_nbd.model) == pytest.approx({"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}, rel=1e-3)
        assert sample.bg_nbd.log_likelihood == pytest.approx(-9582.43, abs=0.01)
        errors = {"r": 0.0126, "alpha": 0.378, "a": 0.186, "b": 0.705}
        assert sample.bg_nbd.standard_errors == pytest.approx(errors, rel=5e-3)
        assert vars(sample.gamma_gamma.model) == pytest.approx({"p": 6.25, "q": 3.744, "v": 1544}, rel=1e-3)

    def test_sample_is_as_published(self, sample: Calibration) -> None:
        customers = sample.customers
        assert len(customers) == 2_357
        histogram = [1411, 439, 214, 100, 62, 38, 29, 64]
        assert np.bincount(np.minimum(customers["x"], 7)).tolist() == histogram
        valued = customers[customers["n_value"] > 0]
        assert len(valued) == 946
        assert valued["value"].mean() / 100 == pytest.approx(35.08, abs=0.005)
        assert valued["n_value"].corr(valued["value"]) == pytest.approx(0.114, abs=5e-4)

    def test_sample_holdout(self, sample: Calibration) -> None:
        assert sample.holdout is not None
        assert sample.holdout[:2] == (date(1998, 6, 30), 1_882)
        assert sample.holdout.predicted == pytest.approx(1653.4, rel=1e-3)

    def test_sample_holdout_by_count(self, sample: Calibration) -> None:
        customers = sample.customers
        ahead = sample.bg_nbd.model.expected_repeats_ahead(customers["x"], customers["t_x"], customers["T"], 39)
        by_count = pd.Series(ahead).groupby(np.minimum(customers["x"], 7)).mean()
        assert by_count.tolist() == pytest.approx([0.225, 0.523, 1.044, 1.52, 2.16, 2.65, 3.50, 6.16], abs=6e-3)

    def test_sample_week_by_week(self, sample: Calibration) -> None:
        weeks = sample.weeks
        cumulative = weeks["repeats"].cumsum()
        assert [cumulative[week - 1] for week in (14, 27, 40, 53, 66, 78)] == [914, 1800, 2507, 3234, 3879, 4339]
        assert weeks["first"].sum() == 2_357
        assert weeks["days"].tolist() == [7] * 78
        assert weeks.loc[weeks["week"] == 39, "date"].item() == pd.Timestamp("1997-10-01")

    def test_whole_cohort_is_as_published(self, cohort: Calibration) -> None:
        assert vars(cohort.bg_nbd.model) == pytest.approx({"r": 0.2516, "alpha": 4.7889, "a": 0.7234, "b": 2.1611}, rel=1e-3)
        assert cohort.bg_nbd.log_likelihood == pytest.approx(-95368.44, abs=0.01)
        assert len(cohort.customers) == 23_570
        assert cohort.holdout is not None
        assert cohort.holdout.actual == 19_684
        assert cohort.holdout.predicted == pytest.approx(16_874, abs=1)

    def test_json_is_the_contract(self, sample: Calibration) -> None:
        result = json.loads(json.dumps(sample.to_json()))
        assert list(result) == ["bg_nbd", "gamma_gamma", "customers", "until", "holdout"]
        assert list(result["bg_nbd"]) == ["r", "alpha", "a", "b", "log_likelihood"]
        assert list(result["gamma_gamma"]) == ["p", "q", "v"]
        assert result["gamma_gamma"]["v"] == pytest.approx(15.44, rel=1e-3)  # dollars
        assert result["customers"] == 2_357
        assert result["until"] == "1997-09-30"
        assert list(result["holdout"]) == ["until", "actual", "predicted"]
        assert result["holdout"]["until"] == "1998-06-30"

    def test_a_sound_fit_has_no_doubts(self, sample: Calibration, cohort: Calibration) -> None:
        lines = gzip.decompress(CDNOW.read_bytes()).decode().split()
        for calibration, of_sample in [(sample, ",1,"), (cohort, "")]:
            rows = [line for line in lines if of_sample in line[: line.index(",", line.index(",") + 1) + 1]]
            repeated = len(rows) - len(set(rows))
            assert calibration.warnings == (
                f"{repeated} rows that repeat another exactly are kept (--drop-duplicates drops them)",
            )


class TestHistories:
    def test_are_counted_in_days_and_weeks(self, write: Write) -> None:
        customers = calibrate(write(*SMALL), until="2024-01-29").customers
        assert customers.to_dict("records") == [
            {"customer": "ann", "x": 2, "t_x": 4.0, "T": 4.0, "value": 2550.0, "n_value": 1},  # the free one has no value
            {"customer": "bob", "x": 0, "t_x": 0.0, "T": 3.0, "value": 0.0, "n_value": 0},  # twice on one day is once
            {"customer": "cat", "x": 1, "t_x": 1.0, "T": 1.0, "value": 101.0, "n_value": 1},
        ]  # dan came later

    def test_end_with_the_log_by_default(self, write: Write) -> None:
        calibration = calibrate(write(*SMALL))
        assert calibration.until == date(2024, 2, 12)
        assert calibration.holdout is None
        assert calibration.to_json()["holdout"] is None
        assert calibration.customers["T"].tolist() == [6.0, 5.0, 3.0, 11 / 7]
        assert calibration.customers["value"].tolist() == [(2550 + 4000) / 2, 0.0, 203 / 2, 999.0]

    def test_are_sorted_by_customer_as_text(self, write: Write) -> None:
        days = ["2024-01-01", "2024-01-05"]
        log = write(*(f"{name},{day},1.00" for name in ["b", "10", "9", "é", "B", "张"] for day in days))
        assert calibrate(log).customers["customer"].tolist() == ["10", "9", "B", "b", "é", "张"]

    def test_holdout_is_of_known_customers(self, write: Write) -> None:
        calibration = calibrate(write(*SMALL), until=datetime(2024, 1, 29, 12))
        assert calibration.until == date(2024, 1, 29)
        assert calibration.holdout is not None
        assert calibration.holdout[:2] == (date(2024, 2, 12), 2)  # of ann and cat, not dan's
        x, t_x, t_obs = (calibration.customers[name] for name in ("x", "t_x", "T"))
        ahead = calibration.bg_nbd.model.expected_repeats_ahead(x, t_x, t_obs, 2.0)
        assert calibration.holdout.predicted == pytest.approx(ahead.sum())
        assert "left out of the fit and its holdout: 1 who first bought after 2024-01-29" in calibration.warnings

    def test_repeated_rows_are_summed_or_dropped(self, write: Write) -> None:
        log = write(*SMALL, "ann,2024-02-12,40.00")
        assert calibrate(log).customers["value"][0] == (2550 + 8000) / 2
        dropped = calibrate(log, drop_duplicates=True)
        assert dropped.customers["value"][0] == (2550 + 4000) / 2
        assert "2 rows that repeat another exactly are dropped" in dropped.warnings

    def test_columns_may_be_named(self, write: Write) -> None:
        log = write(*SMALL, header="who,when,paid")
        assert len(calibrate(log, customer="who", date="when", amount="paid").customers) == 4

    def test_where_narrows_everything(self, write: Write) -> None:
        calibration = calibrate(write(*SMALL), where=["customer=cat", "customer=bob"])
        assert calibration.customers["customer"].tolist() == ["bob", "cat"]
        assert (calibration.until, calibration.weeks["first"].sum()) == (date(2024, 1, 30), 2)


FIRST_DAY = date(2024, 1, 1)
days_of_customers = st.lists(
    st.tuples(st.sampled_from("abcde"), st.integers(0, 40), st.integers(0, 10**6)), min_size=1, max_size=30
)


class TestTables:
    @settings(max_examples=100)
    @given(purchases=days_of_customers, after=st.integers(0, 40))
    def test_against_a_plain_count(self, purchases: list[tuple[str, int, int]], after: int) -> None:
        first_day = min(day for _, day, _ in purchases)
        last_day = max(day for _, day, _ in purchases)
        until = min(first_day + after, last_day)
        frame = pd.DataFrame(purchases, columns=["customer", "date", "amount"])
        frame["date"] = pd.Timestamp(FIRST_DAY) + pd.to_timedelta(frame["date"], unit="D")
        transactions = daily_transactions(frame.astype({"customer": "str", "date": "datetime64[s]"}))

        spent: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for customer, day, amount in purchases:
            spent[customer][day] += amount

        histories = []
        for customer, days in sorted(spent.items()):
            known = sorted(day for day in days if day <= until)
            if known:
                values = [days[day] for day in known[1:] if days[day] > 0]
                times = ((known[-1] - known[0]) / 7, (until - known[0]) / 7)
                mean = sum(values) / len(values) if values else 0.0
                histories.append((customer, len(known) - 1, *times, mean, len(values)))
        table = customer_table(transactions, FIRST_DAY + timedelta(until))
        assert list(table.itertuples(index=False, name=None)) == histories

        # the weeks: cut the days of the log before until + 1, and every seventh from it
        cuts = [day for day in range(first_day, last_day + 1) if day == first_day or (day - until - 1) % 7 == 0]
        expected = []
        for number, (begin, end) in enumerate(zip(cuts, [*cuts[1:], last_day + 1])):
            firsts = sum(begin <= min(days) < end for days in spent.values())
            repeats = [days[day] for days in spent.values() for day in days if begin <= day < end and day > min(days)]
            expected.append(
                (number, pd.Timestamp(FIRST_DAY + timedelta(begin)), end - begin, firsts, len(repeats), sum(repeats))
            )
        weeks = week_table(transactions, FIRST_DAY + timedelta(until))
        assert list(weeks.itertuples(index=False, name=None)) == expected


class TestUntil:
    @pytest.mark.parametrize(
        ("until", "message"),
        [
            ("2023-12-31", "--until 2023-12-31 is before the log's first day, 2024-01-01"),
            ("2024-02-13", "--until 2024-02-13 is after the log's last day, 2024-02-12: nothing is known of that time"),
        ],
    )
    def test_outside_the_log(self, write: Write, until: str, message: str) -> None:
        log = write(*SMALL)
        assert refusal(log, until=until) == [Problem(message, str(log))]

    def test_that_is_no_date(self, write: Write) -> None:
        assert refusal(write(*SMALL), until="soon") == [Problem('--until: "soon" is not a date: write it as 2024-01-31')]


class TestTooLittle:
    def test_no_repeat_purchase(self, write: Write) -> None:
        log = write("ann,2024-01-01,1", "ann,2024-01-01,2", "bob,2024-01-05,1")
        (problem,) = refusal(log)
        assert problem.file == str(log)
        assert problem.message.startswith("no customer buys again on a later day up to 2024-01-05")

    def test_none_up_to_until(self, write: Write) -> None:
        assert "up to 2024-01-14" in refusal(write(*SMALL), until="2024-01-14")[0].message

    def test_no_repeat_purchase_that_was_paid(self, write: Write) -> None:
        (problem,) = refusal(write("ann,2024-01-01,1", "ann,2024-01-02,0", "bob,2024-01-05,1"))
        assert "no repeat purchase up to 2024-01-05 has an amount above zero" in problem.message

    def test_one_repeat_customer(self, write: Write) -> None:
        calibration = calibrate(write("ann,2024-01-01,1", "ann,2024-01-09,2", "bob,2024-01-15,1"))
        assert "only 1 of 2 customers bought again: do not rely on the parameters" in calibration.warnings
        assert any(warning.startswith("BG/NBD: ") for warning in calibration.warnings)
        assert any(warning.startswith("Gamma-Gamma: ") for warning in calibration.warnings)

    def test_few_who_paid(self, write: Write) -> None:
        rows = [f"c{n},2024-01-{day:02d},{float(day < 20 or n < 3)}" for n in range(12) for day in (1 + n, 20 + n % 3)]
        assert "only 3 of 12 repeat customers paid: do not rely on p, q and v" in calibrate(write(*rows)).warnings

    def test_all_amounts_equal(self, write: Write) -> None:
        rng = np.random.default_rng(1)
        rows = [f"c{n},{FIRST_DAY + timedelta(int(day))},5.00" for n in range(200) for day in rng.integers(0, 90, 1 + n % 5)]
        calibration = calibrate(write(*rows))
        spend = calibration.gamma_gamma.model
        assert spend.expected_value(2, 500.0) == pytest.approx(500, rel=0.01)
        assert any("how the purchases of one customer differ in value" in warning for warning in calibration.warnings)

    def test_mistakes_in_the_log_keep_their_places(self, write: Write) -> None:
        log = write(*SMALL, "eve,2024-02-30,1", ",2024-02-01,-1")
        assert [(problem.file, problem.line, problem.column) for problem in refusal(log)] == [
            (str(log), 14, 5),
            (str(log), 15, 1),
            (str(log), 15, 13),
        ]


class TestFiles:
    def test_overlay(self, tmp_path: Path, sample: Calibration) -> None:
        out = tmp_path / "calibrated.yaml"
        calibration = calibrate(CDNOW, where=["in_sample=1"], until=UNTIL, out=out)
        assert calibration.files == (out, tmp_path / "calibrated.customers.csv", tmp_path / "calibrated.weeks.csv")
        assert sorted(tmp_path.iterdir()) == sorted(calibration.files)
        overlay = yaml.safe_load(out.read_text())
        assert overlay == {
            "start": date(1997, 10, 1),
            "days": 273,
            "currency": "USD",
            "past": {
                "customers": "calibrated.customers.csv",
                "weeks": "calibrated.weeks.csv",
                "bg_nbd": vars(sample.bg_nbd.model),  # exactly, all digits
                "gamma_gamma": vars(sample.gamma_gamma.model),
            },
        }
        comments = [line for line in out.read_text().splitlines() if line.startswith("#")]
        story = "\n".join(comments)
        for part in ["cdnow.csv.gz", "in_sample=1", calibration.sha256, "-9582.43", "1,882", "1,653.4", "Warning: 21 rows"]:
            assert part in story
        assert str(CDNOW.parent) not in story  # the same file everywhere

    def test_overlay_without_holdout_or_currency(self, write: Write, tmp_path: Path) -> None:
        calibrate(write(*SMALL), out=tmp_path / "o.yaml")
        assert list(yaml.safe_load((tmp_path / "o.yaml").read_text())) == ["start", "past"]

    @pytest.mark.parametrize("name", ["my store #1.yaml", "no.yaml", "1e3.yml", "- a: 'b'.yaml", "客户.yaml", "plain"])
    def test_overlay_names_its_tables_whatever_they_are_called(self, write: Write, tmp_path: Path, name: str) -> None:
        out, customers, weeks = calibrate(write(*SMALL), out=tmp_path / name).files
        past = yaml.safe_load(out.read_text(encoding="utf-8"))["past"]
        assert (tmp_path / past["customers"], tmp_path / past["weeks"]) == (customers, weeks)
        assert customers.exists()
        assert weeks.exists()

    def test_tables_read_back_exactly(self, write: Write, tmp_path: Path) -> None:
        rows = [*SMALL, '"x, ""y""",2024-01-03,0.10', '"x, ""y""",2024-01-04,0.20', "NA,2024-01-04,1"]
        calibration = calibrate(write(*rows), out=tmp_path / "o.yaml", until="2024-01-30")
        with (tmp_path / "o.customers.csv").open(newline="", encoding="utf-8") as file:
            header, *customers = csv.reader(file)
        assert header == ["customer", "x", "t_x", "T", "value", "n_value"]
        types = (str, int, float, float, float, int)
        read = [tuple(kind(cell) for kind, cell in zip(types, row)) for row in customers]
        assert read == list(calibration.customers.itertuples(index=False, name=None))
        assert {row[0] for row in read} == {"ann", "bob", "cat", 'x, "y"', "NA"}
        weeks = pd.read_csv(tmp_path / "o.weeks.csv", parse_dates=["date"])
        pd.testing.assert_frame_equal(weeks, calibration.weeks, check_dtype=False)
        assert (tmp_path / "o.weeks.csv").read_text().splitlines()[:3] == [
            "week,date,days,first,repeats,amount",
            "0,2024-01-01,2,1,0,0",
            "1,2024-01-03,7,3,1,20",
        ]

    def test_tables_are_the_same_bytes_every_time(self, write: Write, tmp_path: Path) -> None:
        first = [path.read_bytes() for path in calibrate(write(*SMALL), out=tmp_path / "o.yaml").files]
        again = [path.read_bytes() for path in calibrate(write(*SMALL), out=tmp_path / "o.yaml", force=True).files]
        assert first == again

    @pytest.mark.parametrize("name", ["o.yaml", "o.customers.csv", "o.weeks.csv"])
    def test_that_exist_are_refused_before_the_work(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_text("mine")
        found = refusal(tmp_path / "no such log.csv", out=tmp_path / "o.yaml")
        assert found == [Problem("exists (--force replaces it)", str(tmp_path / name))]
        assert (tmp_path / name).read_text() == "mine"

    def test_are_replaced_by_force(self, write: Write, tmp_path: Path) -> None:
        (tmp_path / "o.yaml").write_text("mine")
        calibrate(write(*SMALL), out=tmp_path / "o.yaml", force=True)
        assert "past" in yaml.safe_load((tmp_path / "o.yaml").read_text())

    def test_the_log_is_never_replaced(self, write: Write) -> None:
        log = write(*SMALL)
        assert refusal(log, out=log, force=True) == [Problem("is the log itself", str(log))]

    def test_a_folder_that_is_not_there(self, write: Write, tmp_path: Path) -> None:
        problem = Problem("there is no such folder", str(tmp_path / "nowhere"))
        assert refusal(write(*SMALL), out=tmp_path / "nowhere" / "o.yaml") == [problem]

    def test_a_folder_in_the_place_of_a_file(self, write: Write, tmp_path: Path) -> None:
        assert refusal(write(*SMALL), out=tmp_path, force=True)[0] == Problem("is a folder", str(tmp_path))

    def test_nothing_is_left_of_a_write_that_fails(self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        log = write(*SMALL)
        files = calibrate(log, out=tmp_path / "o.yaml").files
        before = {path: path.read_bytes() for path in files}
        original = Path.write_text

        def full_disk(path: Path, text: str, **how: str) -> int:
            if ".weeks.csv" in path.name:
                original(path, text[:10])
                raise OSError("No space left on device")
            return original(path, text, **how)

        monkeypatch.setattr(Path, "write_text", full_disk)
        with pytest.raises(OSError, match="No space"):
            calibrate(log, out=tmp_path / "o.yaml", force=True, until="2024-02-01")
        assert {path: path.read_bytes() for path in files} == before
        assert sorted(tmp_path.iterdir()) == sorted([log, *files])

    def test_nothing_is_written_unless_asked(self, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        log = write(*SMALL)
        monkeypatch.chdir(tmp_path)
        assert calibrate(log).files == ()
        assert list(tmp_path.iterdir()) == [log]


@given(st.floats(min_value=5e-324, allow_infinity=False))
def test_numbers_survive_yaml(value: float) -> None:
    assert yaml.safe_load(yaml_number(value)) == value


@pytest.mark.parametrize(("value", "text"), [(1e-05, "1.0e-05"), (1e16, "1.0e+16"), (2.5e-07, "2.5e-07"), (3.0, "3.0")])
def test_numbers_have_a_dot(value: float, text: str) -> None:
    assert yaml_number(value) == text


def test_several_stores_fitted_as_one_are_told_of(tmp_path: Path) -> None:
    bought = [(k, month, shop) for k in range(40) for month, shop in ((1, "a"), (2, "a"), (3, "b"))]
    rows = "".join(f"c{k},2024-0{month}-0{1 + k % 8},5.{k:02d},{shop}\n" for k, month, shop in bought)
    log = tmp_path / "log.csv"
    log.write_text("customer,date,amount,store\n" + rows, encoding="utf-8")
    of_all, of_one = calibrate(log).warnings, calibrate(log, where=["store=a"]).warnings
    assert any("2 stores are fitted as one" in warning for warning in of_all)
    assert not any("stores" in warning for warning in of_one)
