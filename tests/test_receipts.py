"""The receipts pipeline: what its functions read, what its judges let through, and what becomes of bad input."""

from __future__ import annotations

import datetime
import importlib
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agentflow import Attempt, Budget, ConfigurationError, Verdict, run
from agentflow.verdict import Case

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples" / "receipts"
sys.path.insert(0, str(ROOT / "pipelines"))  # where `agentflow run` finds a pipeline's neighbours
rules = importlib.import_module("receipt_rules")
receipts = importlib.import_module("receipts").receipts

TRUTH: dict[str, dict[str, Any]] = json.loads((EXAMPLES / "truth.json").read_text(encoding="utf-8"))
READERS = {"company": rules.company_by_suffix, "date": rules.date_by_mention, "total": rules.total_by_label}
JUDGES = {"company": rules.is_the_company, "date": rules.is_the_purchase_date, "total": rules.is_the_total}
TYPES: dict[str, Callable[[str], Any]] = {"company": str, "date": datetime.date.fromisoformat, "total": Decimal}


def judged(field: str, receipt: str, value: Any) -> Verdict:
    """What the judge of *field* says of *value*."""
    verdict: Verdict = JUDGES[field]({"receipt": receipt}, SimpleNamespace(**{field: value}))
    return verdict


def example(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def test_there_are_forty_receipts_and_the_truth_of_each() -> None:
    """Every text file has its truth, and every truth its file."""
    assert len(TRUTH) == 40
    assert set(TRUTH) == {path.name for path in EXAMPLES.glob("*.txt")}


@pytest.mark.parametrize("field", ["company", "date", "total"])
@pytest.mark.parametrize("name", TRUTH)
def test_a_function_is_right_or_silent(name: str, field: str) -> None:
    """On none of the forty receipts does a function give a wrong value, and its judge agrees with what it gives."""
    answer = READERS[field](example(name))

    if answer is not None:
        assert answer[field] == TYPES[field](TRUTH[name][field] or "")
        assert judged(field, example(name), answer[field])


@pytest.mark.parametrize(
    ("receipt", "total"),
    [
        pytest.param("Bread 2.00\nTOTAL 12.43\n", "12.43", id="plain"),
        pytest.param("SUMME   EUR   1.234,50", "1234.50", id="German thousands"),
        pytest.param("Total CHF 1'234.50", "1234.50", id="Swiss thousands"),
        pytest.param("Total : 1 049,99 €", "1049.99", id="French thousands"),
        pytest.param("TOTAL............RM60.30", "60.30", id="dotted leaders"),
        pytest.param("Total ¥1,286", "1286", id="a currency without cents"),
        pytest.param("TOPLAM *318,75", "318.75", id="a star before the amount"),
        pytest.param("TOTAL\n12.43\nTHANK YOU", "12.43", id="the amount on the next line"),
        pytest.param("Total 9.00\nGrand Total 9.90", "9.90", id="the more binding label"),
        pytest.param("TOTAL INCL. GST@6% RM 5.90", "5.90", id="a rate in the label"),
    ],
)
def test_a_labelled_total_is_read(receipt: str, total: str) -> None:
    """One amount beside a plain word for the total is the total, however the language writes it."""
    assert rules.total_by_label(receipt) == {"total": Decimal(total)}


@pytest.mark.parametrize(
    "receipt",
    [
        pytest.param("", id="nothing"),
        pytest.param("Bread 2.00\nTea 3.00", id="no label"),
        pytest.param("SUBTOTAL 12.43", id="a subtotal"),
        pytest.param("TOTAL 47.50\nTOTAL 49.50", id="two totals"),
        pytest.param("TOTAL 12.43 2.07", id="two amounts in the row"),
        pytest.param("TOTAL QTY 3.00", id="a count"),
        pytest.param("SUBTOTAL\nTAX\nTOTAL\n10.00\n1.00\n11.00", id="columns read one after the other"),
        pytest.param("GST SUMMARY\nTOTAL 5.57", id="the total of a table of taxes"),
        pytest.param("TOTAL -4.00", id="a negative amount"),
        pytest.param("TOTAL 12.09.2023", id="a date"),
    ],
)
def test_a_doubtful_total_is_not_read(receipt: str) -> None:
    """The function has no answer where a person would look twice."""
    assert rules.total_by_label(receipt) is None


@pytest.mark.parametrize(
    ("receipt", "value", "kind"),
    [
        pytest.param("TOTAL 5.00", "6.00", "not_an_amount", id="stands nowhere"),
        pytest.param("TOTAL 5.00\nCHANGE 1.00", "1.00", "not_the_total", id="the change"),
        pytest.param("Zwischensumme 5,00\nSumme 6,00", "5.00", "not_the_total", id="a subtotal"),
        pytest.param("Grand total 6.00\nTotal 5.00", "5.00", "two_totals", id="a more binding total stands by"),
        pytest.param("Total 5.02\nRounding -0.02\nRM 5.00", "5.02", "two_totals", id="before rounding"),
        pytest.param("Total 10.00\nGST 0.60\nPay 10.60", "10.00", "two_totals", id="before tax"),
        pytest.param("TOTAL 12.43\nCASH 20.00\nCHANGE 7.00", "12.43", "cash_disagrees", id="the cash disagrees"),
    ],
)
def test_what_is_not_the_total_is_rejected(receipt: str, value: str, kind: str) -> None:
    """An amount that the receipt calls something else, or contradicts, is rejected with the reason."""
    verdict = judged("total", receipt, Decimal(value))

    assert (verdict.accepted, verdict.kind) == (False, kind)
    assert value in verdict.feedback


@pytest.mark.parametrize(
    ("receipt", "total"),
    [
        pytest.param("Tea 2.00\nTotal\nCash\nChange\n2.00\n5.00\n3.00", "2.00", id="words, then amounts"),
        pytest.param("Tea 2.02\nTotal 2.02\nRounding -0.02\n2.00\n5.00\n3.00\nChange", "2.00", id="after rounding"),
        pytest.param("Tea 2.00\nTotal\n2.00\n5.00\n2.00\nChange", None, id="the change is wrong"),
        pytest.param("Tea 7.00\nTotal\nChange\n2.00\n5.00\n3.00", None, id="less than a thing bought"),
        pytest.param("Tea 2.00\nTotal 4.10\nChange\n2.00\n5.00\n3.00", None, id="less than another total"),
        pytest.param("Tea\n2.00\n5.00\n3.00", None, id="no words"),
    ],
)
def test_a_payment_proves_the_total(receipt: str, total: str | None) -> None:
    """Cash less change is the total, where a scan tore the words from their amounts."""
    assert rules.total_by_payment(receipt) == (total and {"total": Decimal(total)})
    assert total is None or judged("total", receipt, Decimal(total))


def test_a_misprinted_total_is_accepted_from_whoever_reads_it() -> None:
    """The judge knows a bad print of the word; the function does not trust itself with it."""
    assert rules.total_by_label("Soap 8.50\nToatl ... 27.75") is None
    assert judged("total", "Soap 8.50\nToatl ... 27.75", Decimal("27.75"))


@pytest.mark.parametrize(
    ("receipt", "day"),
    [
        pytest.param("14/03/2023 17:42", "2023-03-14", id="only one order is a day"),
        pytest.param("Total £2.00\n04/05/2021", "2021-05-04", id="a country that puts the day first"),
        pytest.param("SALES TAX 1.00\n04/05/2021", "2021-04-05", id="the country that puts the month first"),
        pytest.param("25-08-18 08:47 PM RM 2.00", "2018-08-25", id="a short year"),
        pytest.param("le 19 juin 2021", "2021-06-19", id="a French month"),
        pytest.param("Dec 1 2022", "2022-12-01", id="an English month first"),
        pytest.param("2023/04/02 22:14", "2023-04-02", id="the year first"),
        pytest.param("Datum: 25.04.2022\nLieferdatum: 27.04.2022", "2022-04-25", id="a delivery stands by"),
        pytest.param("valid until 31/12/2025\n03/10/2023 12:15 GBP", "2023-10-03", id="the one with the time"),
    ],
)
def test_a_date_is_read(receipt: str, day: str) -> None:
    """A date that can mean one day only is read, in any of many forms."""
    assert rules.date_by_mention(receipt) == {"date": datetime.date.fromisoformat(day)}
    assert judged("date", receipt, datetime.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("receipt", "day", "kind"),
    [
        pytest.param("Date 04/05/2021", "2021-05-04", "two_readings", id="day or month first"),
        pytest.param("11.03.2022\n14.03.2022", "2022-03-11", "two_dates", id="two dates and no word"),
        pytest.param("Pay by 20.11.2019", "2019-11-20", "other_date", id="a deadline"),
        pytest.param("Date 2021-05-04", "2021-05-05", "not_a_date", id="another day"),
        pytest.param("Date 2999-05-04", "2999-05-04", "implausible", id="the future"),
        pytest.param("Date 1066-10-14", "1066-10-14", "implausible", id="the middle ages"),
    ],
)
def test_a_doubtful_date_is_rejected(receipt: str, day: str, kind: str) -> None:
    """A day that the receipt does not prove is rejected with the reason."""
    verdict = judged("date", receipt, datetime.date.fromisoformat(day))

    assert (verdict.accepted, verdict.kind) == (False, kind)


@pytest.mark.parametrize(
    ("receipt", "company"),
    [
        pytest.param("Lunwer GmbH\nHauptstr. 1\nTee 2,00", "Lunwer GmbH", id="a suffix"),
        pytest.param("Oak Ltd\n7 Mill Road\nBeech Ltd\nTea 2.00", "Oak Ltd", id="a customer below"),
        pytest.param("RECEIPT\nLIMAU MANIS\nSDN BHD\nTea 2.00", "LIMAU MANIS SDN BHD", id="a broken name"),
        pytest.param("Oak Ltd (1234567-X)\nTea 2.00", "Oak Ltd", id="a registration behind it"),
        pytest.param("KOPITIAM AWAN\nTea 2.00", "KOPITIAM AWAN", id="a trade"),
        pytest.param("WELCOME TO OAK\nOak Garden Ltd\nTea 2.00", "Oak Garden Ltd", id="a greeting above it"),
    ],
)
def test_a_company_is_read(receipt: str, company: str) -> None:
    """The row that ends like a company or names its trade is the shop, as printed."""
    assert rules.company_by_suffix(receipt) == {"company": company}
    assert judged("company", receipt, company)


@pytest.mark.parametrize(
    ("receipt", "company"),
    [
        pytest.param("Seller: Oak\nZen\nTea 2.00", "Oak", id="a seller"),
        pytest.param("RECEIPT / Sold by Oak Tools / Tea 2.00", "Oak Tools", id="in one line"),
        pytest.param("Tea 2.00\nThank you for shopping at Oak", "Oak", id="a farewell"),
        pytest.param("Oak Ltd\nTea 2.00\nWelcome to Beech", None, id="a greeting beside a company"),
        pytest.param("From: Oak\nVendor: Elm\nTea 2.00", None, id="two of them"),
    ],
)
def test_a_shop_that_words_introduce_is_read(receipt: str, company: str | None) -> None:
    """What follows "sold by" is the shop; a greeting counts only where nothing else names it."""
    assert rules.company_by_cue(receipt) == (company and {"company": company})
    assert company is None or judged("company", receipt, company)


@pytest.mark.parametrize(
    ("field", "receipt", "value", "kind"),
    [
        pytest.param("company", "Oak\nElm\nTea 2.00", "Elm", "", id="a second row"),
        pytest.param("company", "OAK\nCO. (M) SDN BHD\nTea 2.00", "CO. (M) SDN BHD", "not_whole", id="half a name"),
        pytest.param("company", "Elm\nOak Ltd\nAsh Ltd\nTea 2.00", "Oak Ltd", "two_names", id="one of two companies"),
        pytest.param("total", "Tea 2.00\nXyz 4.00\nAbc 4.00", "4.00", "", id="without a word"),
        pytest.param("total", "Tea 2.00\nPot 14.50", "14.50", "torn", id="the last thing bought"),
        pytest.param("total", "Xyz 4.02\n4.00\nAbc 4.02", "4.02", "two_totals", id="before rounding"),
        pytest.param("total", "Total 5.00\nXyz 4.00\nAbc 4.00", "4.00", "two_totals", id="another is the total"),
        pytest.param("total", "Tea 4.00\nChange 1.00\nChange 1.00", "1.00", "not_the_total", id="the change"),
    ],
)
def test_agreement_does_not_outweigh_what_the_receipt_says(field: str, receipt: str, value: str, kind: str) -> None:
    """Two readers are believed where the rules do not know, and nowhere else."""
    may_be = {"company": rules.may_be_the_company, "total": rules.may_be_the_total}[field]
    verdict = may_be({"receipt": receipt}, SimpleNamespace(**{field: TYPES[field](value)}))

    assert (verdict.accepted, verdict.kind) == (not kind, kind)


@pytest.mark.parametrize(
    ("earlier", "seconded"),
    [
        pytest.param([], False, id="nobody before"),
        pytest.param([("local/nano-m", "OAK & ELM")], False, id="only itself"),
        pytest.param([("local/nano-s", "Oak")], False, id="another answer"),
        pytest.param([("local/nano-s", "OAK&ELM.")], True, id="another reader"),
        pytest.param([("company_by_suffix", "oak elm")], True, id="a function"),
    ],
)
def test_a_second_reader_is_another_one(earlier: list[tuple[str, str]], seconded: bool) -> None:
    """Agreement is between tiers: what one says twice is one opinion."""
    attempts = tuple(Attempt(tier, Verdict(False), {"company": name}) for tier, name in earlier)
    case = Case({}, {"company": "Oak & Elm"}, attempts, tier="local/nano-m")

    assert rules.is_seconded(case).accepted is seconded


@pytest.mark.parametrize(
    ("receipt", "company", "kind"),
    [
        pytest.param("Lunwer GmbH\nTee 2,00", "Lunwer", "not_the_company", id="half the name"),
        pytest.param("The Elm\nOak Ltd\nBeech Ltd\nTea 2.00", "Oak Ltd", "two_names", id="two companies"),
        pytest.param("Oak Ltd\nBeech Ltd\nTea 2.00", "Beech Ltd", "not_the_company", id="a customer"),
        pytest.param("TAX INVOICE\nOak Ltd\nTea 2.00", "TAX INVOICE", "not_a_name", id="a heading"),
        pytest.param("Oak Ltd\n7 Mill Road\nTea 2.00", "7 Mill Road", "not_a_name", id="an address"),
        pytest.param("Oak Ltd\nTea 2.00", "", "not_a_name", id="nothing"),
        pytest.param("Seller: Oak\nZen\nTea 2.00", "Zen", "not_the_company", id="a seller is named"),
    ],
)
def test_what_is_not_the_company_is_rejected(receipt: str, company: str, kind: str) -> None:
    """A row that is no name, or not the best claim to one, is rejected with the reason."""
    verdict = judged("company", receipt, company)

    assert (verdict.accepted, verdict.kind) == (False, kind)


def test_a_receipt_sent_as_one_line_is_left_to_a_model() -> None:
    """Functions read rows and stay silent; the judge cuts the line at its slashes and knows the right answer."""
    receipt = "Bill / Sold by Tavo Tools / 18 June 2022 / Wire 11.15 / Amount due 41.05"

    assert rules.total_by_label(receipt) is rules.company_by_suffix(receipt) is None
    assert judged("company", receipt, "Tavo Tools")
    assert judged("total", receipt, Decimal("41.05"))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(" \n\t\n", "empty", id="blank"),
        pytest.param("Tea 2.00\n" * 600_000, "too_long", id="five megabytes"),
        pytest.param("x" * 5_000, "too_wide", id="one endless row"),
        pytest.param("\x00\x01\x02PNG" * 50, "not_text", id="binary"),
        pytest.param("\ufffd\ufffd total \ufffd" * 20, "not_text", id="undecodable"),
    ],
)
def test_what_cannot_be_a_receipt_is_refused_before_anything_is_spent(text: str, kind: str) -> None:
    """Each refusal has its class and words of its own."""
    verdict = rules.is_readable(text)

    assert (verdict.accepted, verdict.kind) == (False, kind)
    assert verdict.feedback


def test_a_folder_gives_its_text_files_in_order(tmp_path: Path) -> None:
    """Folders are searched through; what is no .txt file is left alone."""
    (tmp_path / "march").mkdir()
    (tmp_path / "march" / "b.txt").write_text("Total 2.00")
    (tmp_path / "a.txt").write_bytes("Total £2.00".encode("cp1252"))
    (tmp_path / "truth.json").write_text("{}")

    sources = list(rules.found([str(tmp_path)]))

    assert [source.file for source in sources] == ["a.txt", "march/b.txt"]
    assert sources[0].text == "Total £2.00"


def test_lines_of_json_give_texts_and_problems(tmp_path: Path) -> None:
    """Every line becomes a receipt with a text or with a problem that names it; none is lost."""
    rows = ['{"text": "Total 1.00", "id": "r1"}', '{"lines": ["Total", "1.00"]}', "", "{oops", '{"lines": [1]}', "[]"]
    file = tmp_path / "shoebox.jsonl"
    file.write_text("\n".join(rows))

    sources = list(rules.found([str(file)]))

    assert [source.file for source in sources] == [
        "r1", "shoebox.jsonl:2", "shoebox.jsonl:4", "shoebox.jsonl:5", "shoebox.jsonl:6",
    ]  # fmt: skip
    assert [source.text for source in sources] == ["Total 1.00", "Total\n1.00", "", "", ""]
    assert all(source.file in source.problem for source in sources[2:])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "not text", id="a picture"),
        pytest.param(b"Tea 2.00\n" * 600_000, "more than 100,000 bytes", id="five megabytes"),
        pytest.param("Tea\n".encode("utf-16") * 40_000, "more than 100,000 bytes", id="long, and cut within a sign"),
    ],
)
def test_an_unreadable_file_is_named_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    """A file that is no receipt is rejected by name; the files beside it are read."""
    (tmp_path / "bad.txt").write_bytes(content)
    (tmp_path / "good.txt").write_text("Total 2.00")

    bad, good = rules.found([str(tmp_path)])

    assert not bad.text
    assert bad.problem.startswith("bad.txt")
    assert reason in bad.problem
    assert good == ("good.txt", "Total 2.00", "")


def test_nothing_to_read_names_the_way_out(tmp_path: Path) -> None:
    """No path, a missing one and a folder without receipts each say what to pass."""
    with pytest.raises(ConfigurationError, match=r"pass text files"):
        list(rules.found([]))
    with pytest.raises(ConfigurationError, match=r"nowhere does not exist; pass text files"):
        list(rules.found([str(tmp_path / "nowhere")]))
    with pytest.raises(ConfigurationError, match=r"holds no \.txt files"):
        list(rules.found([str(tmp_path)]))


def records_of(path: Path, state: Path) -> dict[str, dict[str, Any]]:
    """What a run of the pipeline makes of *path*, by file."""
    outcome = run(receipts([str(path)]), budget=Budget(tokens=500_000), state=state)

    assert outcome.accepted, outcome.feedback
    return {record["file"]: record for record in outcome.value}


def test_of_forty_receipts_no_value_is_wrong_and_none_is_lost(tmp_path: Path) -> None:
    """Functions, then the embedded models: what is accepted is true, what is not is rejected with a reason."""
    records = records_of(EXAMPLES, tmp_path)

    assert set(records) == set(TRUTH)
    for name, record in records.items():
        read = {field: record[field] for field in TYPES if record[field] is not None}
        assert read == {field: TRUTH[name][field] for field in read}, name
        assert set(record["rejected"]) & set(TYPES) == set(TYPES) - set(read)
        assert all(record["rejected"].values())
    assert sum(record[field] is not None for record in records.values() for field in TYPES) >= 105


def test_what_functions_cannot_read_the_embedded_model_does(tmp_path: Path) -> None:
    """A receipt sent as one line has no rows for a function; its total comes from real inference."""
    (tmp_path / "a.txt").write_text(example("19-short-one-line-slashes.txt"))

    outcome = run(receipts([str(tmp_path)]), budget=Budget(tokens=50_000), state=tmp_path / "state")

    assert outcome.spent.calls >= 1
    assert outcome.value == [{"file": "a.txt", **TRUTH["19-short-one-line-slashes.txt"], "rejected": {}}]


def test_what_adds_up_is_true_and_what_does_not_is_left_out(tmp_path: Path) -> None:
    """Of all subtotals, taxes and lines that are accepted none is wrong; a quantity that is not sure is missing."""
    records = records_of(EXAMPLES, tmp_path)

    for name, record in records.items():
        for field in ("subtotal", "tax"):
            assert record[field] in (None, TRUTH[name][field]), name
        for line, true in zip(record["lines"] or (), TRUTH[name]["lines"], strict=record["lines"] is not None):
            assert line in (true, {**true, "quantity": None}), name
    read = {field: sum(record[field] is not None for record in records.values()) for field in record}
    assert (read["lines"] >= 34, read["tax"] >= 13, read["subtotal"] >= 9) == (True, True, True), read


def test_a_torn_receipt_keeps_what_it_proves(tmp_path: Path) -> None:
    """Company and date stand, the total is torn off: two values and one reason."""
    (tmp_path / "torn.txt").write_text(example("32-total-torn-off.txt"))

    record = records_of(tmp_path, tmp_path / "state")["torn.txt"]

    assert (record["company"], record["date"]) == ("GULLMARSH GARDEN CENTRE LTD", "2023-05-06")
    assert record["total"] is None
    assert "no word for the total" in record["rejected"]["total"]


def test_bad_files_beside_good_ones_cost_nothing_and_are_listed(tmp_path: Path) -> None:
    """Empty, binary and endless files are each in the result with the reason; the good one is read."""
    (tmp_path / "1-empty.txt").write_bytes(b"")
    (tmp_path / "2-binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "3-endless.txt").write_bytes(b"Tea 2.00\n" * 600_000)
    (tmp_path / "4-good.txt").write_text(example("08-boulangerie-fr.txt"), encoding="utf-8")

    records = records_of(tmp_path, tmp_path / "state")

    assert [name for name in records if records[name]["total"]] == ["4-good.txt"]
    reasons = [records[name]["rejected"].get("receipt", "") for name in records]
    assert ["empty" in reasons[0], "not text" in reasons[1], "100,000" in reasons[2], reasons[3]] == [True] * 3 + [""]


def test_a_run_without_receipts_says_what_to_pass(tmp_path: Path) -> None:
    """A missing folder ends the run with words that name the way out."""
    outcome = run(receipts([str(tmp_path / "nowhere")]), budget=Budget(tokens=1_000), state=tmp_path)

    assert not outcome.accepted
    assert "nowhere does not exist; pass text files" in str(outcome.error)
