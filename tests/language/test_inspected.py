"""Inspections as rows: confidence from the reply's tokens, cut answers said aloud, and what names a question."""

from dataclasses import replace

from beltline.language.asking import Reply, reply_of
from beltline.language.inspected import Inspecting, inspected
from tests.made import scan

WHO = Inspecting(name="gsr", revision="2", question="What lies in this bag?")
WHOLE = (
    "<top>A gun <box>[100,200,300,400]</box> lies here.</top>\n<side>The gun <box>[100,500,300,600]</box>.</side>\n"
    "<conclusion>A gun is in the bag.</conclusion>\n<answer>gun</answer>"
)


def completion(text: str, reason: str = "stop", logprob: float = -0.1) -> dict[str, object]:
    tokens = [{"token": text[at : at + 5], "logprob": logprob} for at in range(0, len(text), 5)]
    message = {"role": "assistant", "content": text}
    return {"choices": [{"message": message, "finish_reason": reason, "logprobs": {"content": tokens}}]}


def test_confidence_is_read_from_the_tokens_of_the_reply() -> None:
    sure, unsure = (inspected(WHO, scan(), "c", reply_of(completion(WHOLE, logprob=p))) for p in (-0.01, -1.0))
    assert sure["items"][0]["confidence"] > 0.9 > 0.5 > unsure["items"][0]["confidence"] > 0
    assert inspected(WHO, scan(), "c", Reply(text=WHOLE))["items"][0]["confidence"] is None


def test_an_answer_that_is_cut_off_is_repaired_or_rejected_and_says_so() -> None:
    row = inspected(WHO, scan(), "c", reply_of(completion(WHOLE[:90], "length")))
    assert (row["state"], row["status"]) == ("repaired", "kept")
    assert "the answer did not end within 1024 tokens" in row["problems"]
    nothing = inspected(WHO, scan(), "c", reply_of(completion("the the", "length")))
    assert (nothing["status"], nothing["reason"], nothing["text"]) == ("rejected", "inspect/unreadable", "the the")
    assert "1024 tokens" in nothing["detail"]


def test_all_that_decides_an_answer_names_the_question() -> None:
    one = scan()
    others = [
        (replace(WHO, name="other"), one),
        (replace(WHO, revision="3"), one),
        (replace(WHO, form="named"), one),
        (replace(WHO, question="Is there a gun?"), one),
        (replace(WHO, max_tokens=9), one),
        (replace(WHO, view_px=9), one),
        (WHO, scan(1)),
        (WHO, scan(sides=False)),
    ]
    keys = [str(who.key(about)) for who, about in [(WHO, one), *others]]
    assert len(set(keys)) == len(keys) and WHO.key(one) == WHO.key(one)
