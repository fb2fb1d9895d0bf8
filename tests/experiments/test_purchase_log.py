"""Reading purchase logs: exact amounts, any usual shape of file, and mistakes named with their places."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import BadInput, Problem
from sim.experiments.purchase_log import parse_amount, parse_day, read_purchase_log

CDNOW = Path(__file__).parents[2] / "data" / "cdnow.csv.gz"
HEADER = "customer,date,amount\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str | bytes, name: str = "log.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def rows(path: Path, *args, **kwargs) -> list[tuple]:
    purchases = read_purchase_log(path, *args, **kwargs).purchases
    return [(customer, day.date(), amount) for customer, day, amount, *_ in purchases.itertuples(index=False)]


def problems(path: Path, *args, **kwargs) -> list[Problem]:
    with pytest.raises(BadInput) as caught:
        read_purchase_log(path, *args, **kwargs)
    assert all(problem.file in ("", str(path)) for problem in caught.value.problems)
    return caught.value.problems


def places(path: Path, *args, **kwargs) -> list[tuple[int, int]]:
    return [(problem.line, problem.column) for problem in problems(path, *args, **kwargs)]


ANN = [("ann", date(2024, 1, 31), 1177)]


class TestColumns:
    @pytest.mark.parametrize(
        "header",
        ["customer,date,amount", "Customer_ID,DATE,Amount_CNY", " customer , date , amount_usd ", '"customer","date","amount"'],
    )
    def test_are_found_by_their_usual_names(self, write: Write, header: str) -> None:
        assert rows(write(f"{header}\nann,2024-01-31,11.77\n")) == ANN

    def test_may_stand_in_any_order_among_others(self, write: Write) -> None:
        assert rows(write("amount,units,date,note,customer\n11.77,2,2024-01-31,,ann\n")) == ANN

    def test_may_be_named(self, write: Write) -> None:
        log = write("who,when,paid,shop,date\nann,2024-01-31,11.77,n1,1999-01-01\n")
        assert rows(log, customer="who", date="When", amount="paid", store="shop") == ANN
        assert read_purchase_log(log, customer="who", amount="paid", store="shop").purchases["store"].tolist() == ["n1"]

    def test_the_plain_name_goes_first(self, write: Write) -> None:
        assert rows(write("customer,customer_id,date,amount,amount_list\nann,7,2024-01-31,11.77,20\n")) == ANN

    def test_store_is_optional(self, write: Write) -> None:
        log = read_purchase_log(write(HEADER + "ann,2024-01-31,11.77\n"))
        assert list(log.purchases.columns) == ["customer", "date", "amount"]

    def test_customers_are_text_without_the_space_around_it(self, write: Write) -> None:
        log = write(HEADER + "007,2024-01-31,1\n 007 ,2024-01-31,2\n7,2024-01-31,3\n")
        assert [customer for customer, *_ in rows(log)] == ["007", "007", "7"]

    @pytest.mark.parametrize(
        ("name", "currency"),
        [
            ("amount", ""),
            ("amount_usd", "USD"),
            ("Amount_CNY", "CNY"),
            ("amount_rmb", "CNY"),
            ("amount_yuan", "CNY"),
            ("amount_eur", ""),
        ],
    )
    def test_currency_is_told_by_the_name_of_the_amount(self, write: Write, name: str, currency: str) -> None:
        assert read_purchase_log(write(f"customer,date,{name}\nann,2024-01-31,11.77\n")).currency == currency


class TestMissingColumns:
    def test_are_told_at_once_with_those_that_exist(self, write: Write) -> None:
        found = problems(write("Custommer,day,units\nann,2024-01-31,2\n"))
        assert [(problem.line, problem.column) for problem in found] == [(1, 1)] * 3
        no_customer, no_date, no_amount = (problem.message for problem in found)
        assert 'the nearest is "Custommer"' in no_customer
        assert "--date COLUMN" in no_date
        assert "the file has Custommer, day, units" in no_date
        assert "no amount column, and one is required" in no_amount

    def test_a_given_name_that_is_not_there(self, write: Write) -> None:
        (problem,) = problems(write("customer,date,amount,shop\n"), store="shops")
        assert (
            problem.message == 'no column "shops" (--store); the file has customer, date, amount, shop; the nearest is "shop"'
        )

    def test_more_than_one_candidate(self, write: Write) -> None:
        (problem,) = problems(write("customer,date,amount_usd,amount_eur\nann,2024-01-31,1,1\n"))
        assert problem.message == "which is the amount column: amount_usd, amount_eur? Say --amount COLUMN"

    def test_the_same_name_twice(self, write: Write) -> None:
        (problem,) = problems(write("customer,date,date,amount\nann,2024-01-31,2024-01-31,1\n"))
        assert "which is the date column: date, date?" in problem.message

    def test_another_separator(self, write: Write) -> None:
        assert "separate by commas, not by ';'" in problems(write("customer;date;amount\nann;2024-01-31;1\n"))[0].message


class TestAmounts:
    @pytest.mark.parametrize("text", ["0.29", "1.15", "4.35", "11.77", "9999999999.99"])  # as floats, 28.99..., 114.99...
    def test_are_exact(self, text: str) -> None:
        assert parse_amount(text) == int(text.replace(".", ""))

    @pytest.mark.parametrize("text", ["3", "3.", "3.0", "3.00", "3.000", "+3", "03"])
    def test_have_many_forms(self, text: str) -> None:
        assert parse_amount(text) == 300

    @pytest.mark.parametrize(("text", "amount"), [("0", 0), ("-0.00", 0), (".5", 50), ("0.07", 7), ("1.1", 110)])
    def test_may_be_small(self, text: str, amount: int) -> None:
        assert parse_amount(text) == amount

    @given(st.integers(0, 10**12 - 1))
    def test_round_trip(self, amount: int) -> None:
        text = f"{amount // 100}.{amount % 100:02d}"
        assert parse_amount(text) == amount
        assert parse_amount(f"{Decimal(text).normalize():f}") == amount
        assert parse_amount("+00" + text + "000") == amount

    @pytest.mark.parametrize(
        "text", ["eleven", "$11.77", "1,177.00", "1e3", "nan", "inf", ".", "-", "1.1.1", "1_000", "٣", "1 2"]
    )
    def test_that_are_no_numbers_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not an amount: write digits"):
            parse_amount(text)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "is empty"),
            ("-5.00", "negative"),
            ("-.01", "negative"),
            ("11.775", "two decimals"),
            ("10000000000", "too large"),
        ],
    )
    def test_that_cannot_be_are_refused(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            parse_amount(text)


class TestDays:
    @pytest.mark.parametrize("text", ["2024-01-31", "2024/01/31", "2024-1-31", "2024/1/31", "20240131"])
    @pytest.mark.parametrize("time", ["", " 23:59", " 0:00:00", "T23:59:59.123+08:00", "T00:00:00Z"])
    def test_are_read_year_first_whatever_the_time(self, text: str, time: str) -> None:
        assert parse_day(text + time) == date(2024, 1, 31)

    @pytest.mark.parametrize(
        "text", ["31/01/2024", "2024-01", "2024-01/31", "2024131", "2024-W05-3", "today", "2024-01-31 noon"]
    )
    def test_in_other_forms_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a date: write it as 2024-01-31"):
            parse_day(text)

    @pytest.mark.parametrize("text", ["2023-02-29", "2024-13-01", "2024-00-10", "0000-01-01", "20240230"])
    def test_that_do_not_exist_are_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not a day of the calendar"):
            parse_day(text)


customers = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), min_size=1).filter(
    lambda text: text == text.strip()
)
purchase_lists = st.lists(st.tuples(customers, st.dates(), st.integers(0, 10**12 - 1)), min_size=1, max_size=20)


class TestFiles:
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(purchases=purchase_lists, ending=st.sampled_from(["\n", "\r\n"]), codec=st.sampled_from(["utf-8", "utf-8-sig"]))
    def test_round_trip(self, tmp_path: Path, purchases: list, ending: str, codec: str) -> None:
        path = tmp_path / "log.csv"
        with path.open("w", encoding=codec, newline="") as file:
            writer = csv.writer(file, lineterminator=ending)
            writer.writerow(["date", "customer", "amount"])
            writer.writerows((day.isoformat(), who, f"{amount // 100}.{amount % 100:02d}") for who, day, amount in purchases)
        assert rows(path) == purchases

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "gbk"])
    @pytest.mark.parametrize("name", ["log.csv", "log.csv.gz", "zipped.csv"])
    def test_encodings_and_packing(self, write: Write, codec: str, name: str) -> None:
        data = (HEADER + "张三,2024-01-31,11.77\n").encode(codec)
        log = write(data if name == "log.csv" else gzip.compress(data), name)
        assert rows(log) == [("张三", date(2024, 1, 31), 1177)]

    @pytest.mark.parametrize(
        ("data", "message", "place"),
        [
            ((HEADER + "ann,2024-01-31,1\n").encode("utf-16"), "UTF-16", (0, 0)),
            ((HEADER + "ann,2024-01-31,1\nRené,2024-01-31,1\n").encode("latin-1"), "neither UTF-8 nor GB18030", (3, 4)),
            ((HEADER + "€nn,2024-01-31,1\n").encode("cp1252"), "neither UTF-8 nor GB18030", (2, 1)),
            (b"PK\3\4\n\0\0\0", "is not text", (2, 1)),
            (b"", "is empty", (0, 0)),
            (b"\xef\xbb\xbf\r\n \n", "is empty", (0, 0)),
            (gzip.compress(b"", mtime=0), "is empty", (0, 0)),
        ],
    )
    def test_that_are_no_text(self, write: Write, data: bytes, message: str, place: tuple[int, int]) -> None:
        (problem,) = problems(write(data))
        assert message in problem.message
        assert (problem.line, problem.column) == place

    @pytest.mark.parametrize("header", ["customer,date,amount", "\ncustomer,date,amount\n\n"])
    def test_with_a_header_only(self, write: Write, header: str) -> None:
        (problem,) = problems(write(header))
        assert "not one purchase" in problem.message
        assert problem.line == header.split("customer")[0].count("\n") + 1

    def test_that_do_not_exist(self, tmp_path: Path) -> None:
        assert problems(tmp_path / "nowhere.csv")[0].message == "there is no such file"

    def test_that_are_folders(self, tmp_path: Path) -> None:
        assert "is a folder" in problems(tmp_path)[0].message

    @pytest.mark.parametrize("damage", ["cut short", "a flipped byte", "scrambled", "not gzip at all"])
    def test_with_broken_gzip(self, write: Write, damage: str) -> None:
        data = bytearray(gzip.compress((HEADER + "ann,2024-01-31,11.77\n" * 50).encode()))
        if damage == "cut short":
            data = data[:-9]
        elif damage == "a flipped byte":
            data[-6] ^= 1
        elif damage == "scrambled":
            data[10:] = b"\xff" * 40
        else:
            data = bytearray(HEADER.encode())
        assert "not a whole gzip file" in problems(write(bytes(data), "log.csv.gz"))[0].message


class TestPlaces:
    """Line and column, from 1, of the start of the cell that is wrong."""

    @pytest.mark.parametrize(
        ("row", "message", "column"),
        [
            (",2024-01-31,1", "the customer is empty", 1),
            ("  ,2024-01-31,1", "the customer is empty", 1),
            ("ann,31.1.2024,1", '"31.1.2024" is not a date: write it as 2024-01-31', 5),
            ("ann,2024-02-30,1", '"2024-02-30" is not a day of the calendar', 5),
            ("ann,,1", "the date is empty: write it as 2024-01-31", 5),
            ("ann,2024-01-31,-1", '"-1" is negative: a refund is not a purchase, leave its row out', 16),
            ('"ann, ""a""",2024-01-31,x', '"x" is not an amount: write digits with at most two decimals, such as 11.77', 25),
            ("ann,2024-01-31,", "the amount is empty: write digits with at most two decimals, such as 11.77", 16),
            ("ann,2024-01-31", "the row has 2 fields, the header has 3", 1),
            ("ann,2024-01-31,1,2", "the row has 4 fields, the header has 3", 1),
            ("ann", "the row has 1 field, the header has 3", 1),
        ],
    )
    def test_of_one_mistake(self, write: Write, row: str, message: str, column: int) -> None:
        (problem,) = problems(write(HEADER + "bob,2024-01-31,1\n" + row + "\ncat,2024-01-31,1\n"))
        assert problem == Problem(message, problem.file, 3, column)

    def test_of_all_mistakes_in_order(self, write: Write) -> None:
        log = write(HEADER + ",never,-1\nann,2024-01-31,1\nbob\ncat,2024-01-31,x\n,2024-01-31,1\n")
        assert places(log) == [(2, 1), (2, 2), (2, 8), (4, 1), (5, 16), (6, 1)]

    def test_count_blank_lines_and_lines_within_quotes(self, write: Write) -> None:
        log = write('\r\n"customer",date,amount\r\n\r\n"two\r\nlines",never,1\r\n\r\nann,2024-01-31,x\r\n')
        assert places(log) == [(5, 8), (7, 16)]
        assert places(write(HEADER + '"two\nlines",2024-01-31,1\nbob,never,1\n')) == [(4, 5)]

    def test_do_not_count_what_only_looks_like_a_line_end(self, write: Write) -> None:
        assert places(write(HEADER + '"a\u2028b\vc",2024-01-31,x\n')) == [(2, 20)]
        assert places(write(HEADER + '"two\nlines",2024-01-31,x\n')) == [(3, 19)]

    def test_of_old_line_ends(self, write: Write) -> None:
        assert places(write("customer,date,amount\rann,2024-01-31,1\rbob,never,1\r")) == [(3, 5)]

    def test_are_shown_for_the_first_twenty(self, write: Write) -> None:
        found = problems(write(HEADER + "ann,2024-01-31,1\n" * 3 + "ann,2024-01-31,\n" * 1025))
        assert [problem.line for problem in found[:20]] == list(range(5, 25))
        assert [str(problem) for problem in found[20:]] == [f"{found[0].file}: ... and 1,005 more"]

    def test_a_full_twenty_has_no_more(self, write: Write) -> None:
        assert len(problems(write(HEADER + "ann,2024-01-31,\n" * 20))) == 20

    @pytest.mark.parametrize("tail", ["bob,2024-01-31,1\n", "bob,2024-01-31,1\n" * 200_000])
    def test_of_a_quote_left_open(self, write: Write, tail: str) -> None:
        (problem,) = problems(write(HEADER + 'ann,2024-01-31,1\n"ann,2024-01-31,1\n' + tail))
        assert problem.line == 3

    def test_far_into_a_long_file(self, write: Write) -> None:
        good = "".join(f"c{row % 977},2024-01-{row % 28 + 1:02d},{row}.5\n" for row in range(150_000))
        assert places(write(HEADER + good + "ann,2024-01-31,oops\n")) == [(150_002, 16)]


class TestWhere:
    LOG = "customer,date,amount,store\nann,2024-01-31,1,n\nbob,2024-01-31,2,s\nann,2024-02-01,3,s\ncat,2024-02-02,4,e\n"

    @pytest.mark.parametrize(
        ("where", "amounts"),
        [
            ((), [100, 200, 300, 400]),
            (["store=s"], [200, 300]),
            (["Store = s"], [200, 300]),
            (["store=s", "store=e"], [200, 300, 400]),
            (["store=s", "customer=ann"], [300]),
            (["date=2024-01-31"], [100, 200]),
        ],
    )
    def test_keeps_matching_rows(self, write: Write, where: list[str], amounts: list[int]) -> None:
        assert [amount for *_, amount in rows(write(self.LOG), where)] == amounts

    def test_keeps_only_the_sample_of_cdnow(self) -> None:
        sample = read_purchase_log(CDNOW, ["in_sample=1"]).purchases
        assert (len(sample), sample["customer"].nunique()) == (6_919, 2_357)  # data/README.md

    @pytest.mark.parametrize(
        ("condition", "message"),
        [
            ("shop=s", 'no column "shop"; the file has customer, date, amount, store'),
            ("stores=s", 'the nearest is "store"'),
            ("store", "write COLUMN=VALUE"),
            ("store=x", "--where store=x matches no row; the values of that column are e, n, s"),
        ],
    )
    def test_that_cannot_be(self, write: Write, condition: str, message: str) -> None:
        (problem,) = problems(write(self.LOG), [condition])
        assert message in problem.message
        assert condition in problem.message

    def test_overlooks_mistakes_in_rows_left_out(self, write: Write) -> None:
        log = write(self.LOG + "dan,never,-5,w\n")
        assert len(rows(log, ["store=s"])) == 2
        assert places(log, ["store=w"]) == [(6, 5), (6, 11)]

    def test_does_not_overlook_broken_rows(self, write: Write) -> None:
        assert places(write(self.LOG + "dan\neve,never,1,w\nfay,never,1,s\n"), ["store=s"]) == [(6, 1), (8, 5)]


class TestRepeatedRows:
    LOG = """customer,date,units,amount
ann,2024-01-31,1,5
ann,2024-01-31,1,5
ann,2024-01-31,2,5
ann,2024-01-31,1,5
bob,2024-01-31,1,5
"""

    def test_are_kept_and_counted(self, write: Write) -> None:
        log = read_purchase_log(write(self.LOG))
        assert len(log.purchases) == 5
        assert log.warnings == ("2 rows that repeat another exactly are kept (--drop-duplicates drops them)",)

    def test_are_dropped_on_request(self, write: Write) -> None:
        log = read_purchase_log(write(self.LOG), drop_duplicates=True)
        assert log.purchases["customer"].tolist() == ["ann", "ann", "bob"]
        assert log.warnings == ("2 rows that repeat another exactly are dropped",)

    def test_must_be_equal_in_every_column(self, write: Write) -> None:
        log = read_purchase_log(write("order,customer,date,amount\n1,ann,2024-01-31,5\n2,ann,2024-01-31,5\n"))
        assert log.warnings == ()

    def test_of_cdnow_are_those_of_its_lines(self) -> None:
        lines = Counter(gzip.decompress(CDNOW.read_bytes()).splitlines())
        repeated = sum(lines.values()) - len(lines)
        assert read_purchase_log(CDNOW).warnings[0].startswith(f"{repeated} rows ")


def test_cdnow_is_read_exactly() -> None:
    with gzip.open(CDNOW, "rt") as file:
        expected = [(row["customer"], row["date"], int(Decimal(row["amount_usd"]) * 100)) for row in csv.DictReader(file)]
    purchases = read_purchase_log(CDNOW).purchases
    read = zip(purchases["customer"], purchases["date"].dt.strftime("%Y-%m-%d"), purchases["amount"].tolist())
    assert list(read) == expected
    assert (len(purchases), purchases["customer"].nunique()) == (69_659, 23_570)  # data/README.md
    assert purchases["date"].max().date() - purchases["date"].min().date() == timedelta(545)


def test_the_hash_is_of_the_file_as_it_stands(write: Write) -> None:
    # printf 'customer,date,amount\nann,2024-01-31,11.77\n' | sha256sum
    expected = "ecde4cca86983f2ac46aa1e446bcbd0f094e97d944eb121d525957d011e5d58e"
    assert read_purchase_log(write(HEADER + "ann,2024-01-31,11.77\n")).sha256 == expected
