"""The "all No" test (One Table 13) where the verbs say it: on an exam's card, and beside what a model scored."""

import pytest

from beltline.exam.scoring import Graded
from beltline.exam.tasks import Question
from jobs import compare, scores, set_exam
from tests.exam.test_audit_circular import question

YES_NO = ("Yes", "No")


def asked() -> list[Question]:
    """Four of a yes and a no, one of which is a no, and one of another kind."""
    return [question(n, YES_NO[n == 0], YES_NO, "misleading") for n in range(4)] + [question(9)]


def graded(letters: str, seed: int = 0) -> list[Graded]:
    pairs = zip(asked(), letters, strict=True)
    return [Graded(key=one.id, question=one, seed=seed, letter=letter, status="answered") for one, letter in pairs]


def test_an_exams_card_says_what_no_to_all_would_score() -> None:
    ((title, lines),) = set_exam.noes(asked()).items()
    assert title == "Yes or no" and [line for line in lines if "misleading" in line] == ["| misleading | 4 | 25.0 |"]
    assert set_exam.noes([question(9)]) == {}


def test_a_models_noes_stand_beside_its_score(capsys: pytest.CaptureFixture[str]) -> None:
    """No to three of four, right in two; of several seeds the first counts."""
    told = graded("BBBAA", seed=3) + graded("AAAAA", seed=5)
    (line,) = scores.polar(told)
    assert (line.num, line.right, line.gold_no, line.said_no) == (4, 0.5, 0.25, 0.75)
    said = compare._say_noes("tested@7", told)
    assert "tested@7, where the answer is yes or no" in said and "| misleading | 4 | 50.0 | 25.0 | 75.0 |" in said
    assert "tested@7" in capsys.readouterr().out
    assert compare._say_noes("tested@7", graded("BBBAA")[4:]) == ""
