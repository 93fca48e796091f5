"""The answer cache: asked once, by anyone, ever."""

import asyncio
import multiprocessing
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from beltline.cache import FOLDER, AnswerCache, calls
from beltline.store import Store
from beltline.verdict import BadRow

REQUEST = {"describer": "grammar", "version": "1", "facts": {"b": 1, "a": [2.5, "ü"]}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path))


def not_asked() -> dict:
    raise AssertionError("asked again")


def answers(store: Store) -> list[str]:
    return store.list(FOLDER, recursive=True)


def test_nothing_asked_means_no_calls(store: Store) -> None:
    assert calls(store, "run/asked") == (0, 0)
    AnswerCache(store, "run/asked")
    assert store.list("", recursive=True) == []


def test_asked_once_then_read_by_other_caches_whatever_the_order_of_keys(store: Store) -> None:
    assert AnswerCache(store, "one/asked").ask(REQUEST, lambda: {"caption": "a gün"}) == {"caption": "a gün"}
    turned = dict(reversed(REQUEST.items()))
    assert AnswerCache(store, "two/asked").ask(turned, not_asked) == {"caption": "a gün"}
    assert (calls(store, "one/asked"), calls(store, "two/asked")) == ((1, 0), (0, 0))


def test_an_empty_answer_is_an_answer(store: Store) -> None:
    cache = AnswerCache(store, "asked")
    assert cache.ask(REQUEST, dict) == {} == cache.ask(REQUEST, not_asked)


@pytest.mark.parametrize("change", [{"version": "2"}, {"describer": "model"}, {"facts": {"b": 1, "a": [2.5, "u"]}}])
def test_another_question_is_asked(store: Store, change: dict) -> None:
    cache = AnswerCache(store, "asked")
    cache.ask(REQUEST, lambda: {"caption": "old"})
    assert cache.ask(REQUEST | change, lambda: {"caption": "new"}) == {"caption": "new"}
    assert cache.ask(REQUEST, not_asked) == {"caption": "old"}
    assert calls(store, "asked") == (2, 0)


def test_a_failure_is_stored_and_raised_again_without_asking(store: Store) -> None:
    cache = AnswerCache(store, "asked")

    def fail() -> dict:
        raise BadRow("caption/not-json", "expected one JSON object, found 'ü|'")

    for answer in (fail, not_asked):
        with pytest.raises(BadRow) as caught:
            cache.ask(REQUEST, answer)
        assert caught.value.verdict.columns() == {
            "status": "rejected",
            "reason": "caption/not-json",
            "detail": "expected one JSON object, found 'ü|'",
        }
    assert calls(store, "asked") == (1, 0)


def test_a_fault_of_ours_is_no_answer(store: Store) -> None:
    cache = AnswerCache(store, "asked")
    with pytest.raises(ZeroDivisionError):
        cache.ask(REQUEST, lambda: {"x": 1 // 0})
    assert answers(store) == []
    assert cache.ask(REQUEST, lambda: {"x": 1}) == {"x": 1}
    assert calls(store, "asked") == (2, 1), "the repeat is counted"


def test_calls_counts_repeats_over_all_journals_of_a_run(store: Store) -> None:
    for number in range(3):
        AnswerCache(store, "run/asked").ask(REQUEST, lambda: {"x": 1})
        AnswerCache(store, "run/asked").ask(REQUEST | {"id": number}, lambda: {"x": 1})
        store.delete(FOLDER)
    assert calls(store, "run/asked") == (6, 2)


@pytest.mark.parametrize("torn", [b"", b'{"caption": "a gu', b"\xff\x00", b'"caption"', b"[]", b"null"])
def test_a_torn_answer_file_is_asked_again_and_mended(store: Store, torn: bytes) -> None:
    cache = AnswerCache(store, "asked")
    cache.ask(REQUEST, lambda: {"caption": "a gun"})
    (path,) = answers(store)
    store.write(path, torn)
    assert cache.ask(REQUEST, lambda: {"caption": "another"}) == {"caption": "another"}
    assert cache.ask(REQUEST, not_asked) == {"caption": "another"}


def test_a_writer_killed_in_the_middle_leaves_no_answer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def torn(self: Store, path: str, data: bytes) -> None:
        Path(path).write_bytes(data[:5])
        raise KeyboardInterrupt

    cache = AnswerCache(store, "asked")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Store, "_put", torn)
        cache.ask(REQUEST, lambda: {"caption": "a gun"})
    assert answers(store) == []
    assert cache.ask(REQUEST, lambda: {"caption": "again"}) == {"caption": "again"}


def test_a_half_written_journal_line_is_one_call_and_no_answer(store: Store, tmp_path: Path) -> None:
    AnswerCache(store, "asked").ask(REQUEST, lambda: {"x": 1})
    (journal,) = (tmp_path / "asked").iterdir()
    key = journal.read_text().strip()
    (tmp_path / "asked" / "killed-1").write_text(f"{key}\n{'0' * 30}")
    assert calls(store, "asked") == (3, 1)


def _worker(uri: str, number: int, start: "multiprocessing.synchronize.Barrier") -> None:
    start.wait()
    cache = AnswerCache(Store(uri), "asked")
    heard = [cache.ask({"id": key}, lambda: {"by": number, "long": "x" * 50_000})["by"] for key in range(10)]
    Store(uri).write(f"heard/{number}", bytes(heard))


def test_concurrent_workers_hear_the_same_answers_and_leave_one_well_formed_file_each(store: Store) -> None:
    """Every worker would answer differently, as a model does: whoever is first fixes the text for all."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(4)
    workers = [context.Process(target=_worker, args=(store.uri, number, start)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * 4
    heard = {store.read(path) for path in store.list("heard")}
    cache = AnswerCache(store, "later")
    assert heard == {bytes(cache.ask({"id": key}, not_asked)["by"] for key in range(10))}
    assert len(answers(store)) == 10
    asked, repeated = calls(store, "asked")
    assert 10 <= asked <= 40 and asked - repeated == 10


def asked_together(cache: AnswerCache, requests: list[dict], answer: Callable[[], Awaitable[dict]]) -> list:
    async def together() -> list:
        return await asyncio.gather(*(cache.ask_async(one, answer) for one in requests), return_exceptions=True)

    return asyncio.run(together())


def test_asynchronous_and_plain_askers_share_answers_and_failures(store: Store) -> None:
    async def answer() -> dict:
        return {"caption": "a gün"}

    async def fail() -> dict:
        raise BadRow("caption/refused", "never")

    cache = AnswerCache(store, "asked")
    assert asked_together(cache, [], answer) == []
    assert asked_together(cache, [REQUEST], answer) == [{"caption": "a gün"}] == [cache.ask(REQUEST, not_asked)]
    (error,) = asked_together(cache, [{"id": 2}], fail)
    assert isinstance(error, BadRow) and error.verdict.reason == "caption/refused"
    with pytest.raises(BadRow, match="never"):
        cache.ask({"id": 2}, not_asked)
    assert str(asked_together(cache, [{"id": 2}], answer)[0]) == "caption/refused: never"
    assert calls(store, "asked") == (2, 0)


def test_of_the_same_question_at_once_one_is_asked_and_others_do_not_wait_for_it(store: Store) -> None:
    begun: list[int] = []

    async def together() -> list:
        three = asyncio.Event()

        async def answer() -> dict:
            begun.append(1)
            if len(begun) == 3:
                three.set()
            await three.wait()
            return {"number": len(begun)}

        cache = AnswerCache(store, "asked")
        return await asyncio.gather(*(cache.ask_async({"id": key}, answer) for key in (1, 1, 2, 1, 3, 2)))

    assert asyncio.run(together()) == [{"number": 3}] * 6 and len(begun) == 3
    assert calls(store, "asked") == (3, 0)


def test_what_may_pass_is_no_answer_and_the_next_in_turn_asks_again(store: Store) -> None:
    tries: list[int] = []

    async def stumble() -> dict:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError("down")
        return {"x": len(tries)}

    first, *others = asked_together(AnswerCache(store, "asked"), [REQUEST] * 3, stumble)
    assert isinstance(first, ConnectionError) and others == [{"x": 2}] * 2
    assert calls(store, "asked") == (2, 1)


def test_further_tries_are_noted(store: Store) -> None:
    cache = AnswerCache(store, "asked")
    cache.ask(REQUEST, dict)
    cache.note(REQUEST)
    assert calls(store, "asked") == (2, 1)
