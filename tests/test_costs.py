"""The arithmetic of a plan: by hand for one, and laws that any constants must keep."""

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from beltline.costs import Belt, Constants, Line, Price, Prices, Speaker, belt, money, speaking, teaching
from jobs.plan import CONSTANTS, PRICES
from jobs.recipes import CAPTIONS, REGENERATE

SAID = {"kind": "measured", "source": "here", "date": "2026-11-28"}
BELT = Belt(**SAID, cpu_s_start=60, cpu_s_per_row=0.36, bytes_per_row=500_000, worker_mb=300)
SPEAKER = Speaker(**SAID, tokens_in=3000, tokens_out=600, reads_per_s=20_000, writes_per_s=2_000, gpus=8)
NONE = Price(usd=None, source="", date="")


def price(usd: float) -> Price:
    return Price(usd=usd, source="made up", date="2026-11-28")


def test_by_hand() -> None:
    made = belt(BELT, "make", rows=1_000_000, workers=100)
    assert made.cpu_h == pytest.approx((60 + 360_000) / 3600) and made.hours == pytest.approx((60 + 3600) / 3600)
    assert made.bytes == 5e11
    told = speaking(SPEAKER, "tell", rows=1_000_000, engines=4)
    assert (told.tokens_in, told.tokens_out) == (3e9, 6e8)
    engine_h = (3e9 / 20_000 + 6e8 / 2_000) / 3600
    assert told.gpu_h == pytest.approx(8 * engine_h) and told.hours == pytest.approx(engine_h / 4)


@given(rows=st.integers(1, 10**9), workers=st.integers(1, 10**4))
def test_more_workers_cost_the_same_and_take_no_longer(rows: int, workers: int) -> None:
    few, many = belt(BELT, "x", rows, workers), belt(BELT, "x", rows, 2 * workers)
    assert few.cpu_h == many.cpu_h and few.bytes == many.bytes and many.hours <= few.hours
    assert few.hours * workers >= few.cpu_h or math.isclose(few.hours * workers, few.cpu_h)


@given(rows=st.integers(1, 10**9), engines=st.integers(1, 1000))
def test_cards_are_paid_while_they_work(rows: int, engines: int) -> None:
    told = speaking(SPEAKER, "x", rows, engines)
    assert math.isclose(told.hours * engines * SPEAKER.gpus, told.gpu_h)


def test_money_is_what_is_used_times_its_price_and_unknown_without_one() -> None:
    lines = [Line(name="a", rows=1, kind="measured", cpu_h=10, bytes=2e9), teaching("b", 1, gpu_h=5, cards=5)]
    assert money(lines, Prices(cpu_hour=price(0.5), gpu_hour=price(8), gb_month=price(0.02))) == {
        "cpu": 5.0, "gpu": 40.0, "month": 0.04,
    }  # fmt: skip
    found = money(lines[:1], Prices(cpu_hour=NONE, gpu_hour=NONE, gb_month=price(0.02)))
    assert found == {"cpu": None, "gpu": 0.0, "month": 0.04}, "what is not used needs no price"


def test_the_constants_that_ship_say_where_they_come_from() -> None:
    known = Constants.model_validate(yaml.safe_load(CONSTANTS.read_text(encoding="utf-8")))
    for name, one in {**known.belts, **known.speakers, "driver": known.driver}.items():
        assert len(one.source) > 5 and "TODO" not in one.source and len(one.date) == 10, name
    assert {name.split()[1] for name in known.belts if name.startswith("regenerate")} <= REGENERATE.keys()
    assert known.speakers.keys() <= CAPTIONS.keys()


def test_no_price_ships() -> None:
    assert {one["usd"] for one in yaml.safe_load(PRICES.read_text(encoding="utf-8")).values()} == {None}


def test_a_constant_without_a_source_is_refused() -> None:
    known = yaml.safe_load(CONSTANTS.read_text(encoding="utf-8"))
    del known["driver"]["source"]
    with pytest.raises(ValidationError, match="source"):
        Constants.model_validate(known)
