"""The sheet for people: drawn the same everywhere, safe to open, scored as by hand; and the card's words."""

from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pytest

from actors.captioner import Screener
from beltline import verdict
from beltline.language import calibration, captions, grammar, screening
from beltline.language.calibration import draw, read_answers, score
from beltline.language.facts import Facts, facts_of
from beltline.scan import SCHEMA
from beltline.store import Store
from jobs.__main__ import main
from tests.made import scan, version_of, version_of_rows

WORDS = [pa.field("facts", pa.string()), *captions.FIELDS, *screening.FIELDS, *verdict.FIELDS]
WHOLE, TEXT = pa.schema([*SCHEMA, *WORDS]), pa.schema([pa.field("id", pa.int64(), False), *WORDS])


class Reader(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


def row(number: int, bad: bool = False, whole: str | None = None) -> dict:
    """A screened row; a bad one describes another bag."""
    made = scan(number)
    facts = facts_of(made)
    words = grammar.describe(facts if not bad else Facts(views=facts.views), (1, number))
    if whole:
        words = words.model_copy(update={"whole": whole})
    said = {"facts": facts.json(), "caption": captions.write(words), "describer": "grammar"}
    return made.row() | said | Screener()(said)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def test_of_nothing_nothing_is_drawn():
    assert draw({}) == [] and score({}, {}).recall is None
    assert calibration.answer_sheet([]) == "id,fit,remark\n" and read_answers(calibration.answer_sheet([7])) == {}


def test_as_many_of_each_and_only_what_a_screen_rejected():
    kept = {k: ("kept", None) for k in range(100)}
    rejected = {k: ("rejected", "screen/coverage") for k in range(100, 130)}
    broken = {k: ("rejected", "caption/not-json") for k in range(130, 160)}
    chosen = draw(kept | rejected | broken, 20)
    assert len(chosen) == 40 and sum(k in rejected for k in chosen) == 20 and not set(chosen) & broken.keys()
    assert draw(dict(reversed((kept | rejected | broken).items())), 20) == chosen
    first = [k in rejected for k in chosen[:20]]
    assert 0 < sum(first) < 20  # mixed: the order does not tell
    assert set(draw(kept | rejected, 10)) <= set(chosen)


def test_the_score_is_weighted_back_to_all_rows():
    statuses = {k: ("kept", None) for k in range(900)} | {k: ("rejected", "screen/alignment") for k in range(900, 1000)}
    answers = {k: k >= 5 for k in range(50)} | {900 + k: k >= 40 for k in range(50)}
    found = score(statuses, answers)
    assert (found.precision, found.kept_wrongly) == (0.8, 5)
    assert found.recall == pytest.approx(80 / (80 + 90))


def test_answers_that_are_none():
    with pytest.raises(ValueError, match="line 3"):
        read_answers("id,fit,remark\n1,yes,\n2,perhaps,\n")
    assert read_answers("id,fit,remark\n1,yes,\n2,NO,why\n3,,\n") == {1: True, 2: False}


def test_pages_answers_and_score_of_a_version(store: Store, tmp_path: Path, capsys):
    rows = [row(k) for k in range(4)] + [row(k, bad=True) for k in range(4, 7)]
    version_of_rows(store, rows, WHOLE, "corpus", "r1")
    words = ["calibrate", "--input", "corpus", "--store", store.uri, "--out", str(tmp_path / "out"), "--each", "3"]
    assert main(words) == 0
    text = (tmp_path / "out" / "page-01.html").read_text()
    read = Reader(text)
    assert read.tags.count("article") == 6 and read.tags.count("img") == 12 and "screen/coverage" in read.text
    answers = tmp_path / "out" / "answers.csv"
    rejected = {one["id"] for one in rows if one["status"] == "rejected"}
    lines = [line.split(",")[0] for line in answers.read_text().splitlines()[1:]]
    filled = [f"{key},{'no' if int(key) in rejected else 'yes'}," for key in lines]
    answers.write_text("\n".join(["id,fit,remark", *filled]))
    assert main(words) == 0 and "yes" in answers.read_text()  # not written over
    assert (tmp_path / "out" / "page-01.html").read_text() == text
    assert main([*words, "--answers", str(answers)]) == 0
    assert "precision 100.0 %" in capsys.readouterr().out


def test_text_from_a_model_is_text(store: Store, tmp_path: Path):
    attack = "<script>alert(1)</script><img src=x onerror=alert(1)> One gun & a knife."
    version_of_rows(store, [row(0, whole=attack)], WHOLE, "corpus", "r1")
    assert main(["calibrate", "--input", "corpus", "--store", store.uri, "--out", str(tmp_path / "o")]) == 0
    read = Reader((tmp_path / "o" / "page-01.html").read_text())
    assert "script" not in read.tags and read.tags.count("img") == 2 and attack in read.text


def test_images_from_another_version(store: Store, tmp_path: Path, capsys):
    rows = [{name: value for name, value in row(k).items() if name in TEXT.names} for k in range(2)]
    version_of_rows(store, rows, TEXT, "screened", "r1")
    version_of(store, [scan(k) for k in range(3)], "bags", "r2")
    words = ["calibrate", "--input", "screened", "--store", store.uri, "--out", str(tmp_path / "o")]
    assert main(words) == 2 and "--input scans=" in capsys.readouterr().err
    assert main([*words, "--input", "scans=bags"]) == 0
    assert Reader((tmp_path / "o" / "page-01.html").read_text()).tags.count("img") == 4
    assert (
        main(["calibrate", "--input", "bags", "--store", store.uri]) == 2 and "run `screen`" in capsys.readouterr().err
    )


def test_the_card_tells_how_varied_the_words_are(store: Store):
    version_of_rows(store, [row(k) for k in range(5)], WHOLE, "corpus", "r1")
    text = store.read("corpus/1.0.0/card.md").decode()
    assert "## Words" in text and "| captions sampled | 5 | 5 |" in text and "self-BLEU of 5" in text and "13a" in text
    version_of(store, [scan(0)], "bags", "r2")
    assert "## Words" not in store.read("bags/1.0.0/card.md").decode()
