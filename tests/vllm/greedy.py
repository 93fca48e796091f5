"""What vLLM says to questions about views: one engine, several models of one architecture after another, token by token.

python -m tests.vllm.greedy asked.json said.json FOLDER [FOLDER ...]

asked.json holds the messages of each question in the form of OpenAI's API. said.json holds, for each folder and question, the ids of the
prompt as vLLM has read it, the ids of the reply, and the log probability of each of them. An engine takes a minute to start, so the second
folder's weights are put into the first one's engine, and everything that it remembers of the first is dropped.
"""

import json
import sys
from pathlib import Path
from typing import Any

from jobs.shapes import Vllm
from tests.vllm.asking import TINY

MAX_TOKENS = 24


def main(asked: Path, out: Path, folders: list[str]) -> None:
    from vllm import LLM

    llm = LLM(model=folders[0], **Vllm(source=folders[0], gpus=0, max_num_seqs=4).arguments(TINY))
    told = [json.loads(line) for line in asked.read_text().splitlines()]
    said = [said_by(llm, told)]
    for folder in folders[1:]:
        llm.collective_rpc("reload_weights", kwargs={"weights_path": folder})
        llm.reset_mm_cache()
        llm.llm_engine.reset_encoder_cache()
        assert llm.reset_prefix_cache()
        said.append(said_by(llm, told))
    out.write_text(json.dumps(said))


def said_by(llm: Any, asked: list[Any]) -> list[dict[str, list[Any]]]:
    """Greedy replies."""
    from vllm import SamplingParams

    greedy = SamplingParams(temperature=0.0, max_tokens=MAX_TOKENS, logprobs=1)
    found = llm.chat(asked, greedy, chat_template_content_format="openai", use_tqdm=False)
    return [
        {
            "prompt": list(one.prompt_token_ids),
            "reply": list(one.outputs[0].token_ids),
            "logprobs": [
                step[token].logprob
                for step, token in zip(one.outputs[0].logprobs, one.outputs[0].token_ids, strict=True)
            ],
        }
        for one in found
    ]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
