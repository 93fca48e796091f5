"""Claim: full fine-tuning is at least 1.25 times as fast as the faster of LLaMA-Factory and ms-swift; with a frozen tower, LoRA and kept features 1.9 times.

    python -m benchmarks.train --rivals FOLDER [--rounds 5] [--family qwen3_vl] [--lora]

FOLDER holds the two tools, each in an environment of its own (lf-venv, sw-venv), tiny models (models/FAMILY), the same samples in both tools' forms
(bench/bench.json with its images), and their settings (lf_FAMILY.yaml, lf_lora.yaml, swift_bench.sh). Same model, samples, batch of 4, float32, two threads;
each tool in its fastest documented setting, ours keeping freed memory as `train` does. Runs are interleaved; medians are compared; start-up is in nobody's time, opening images is in
everybody's. On a busy machine only the ratio means anything, and not much. Prints one JSON object.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

BATCH, THREADS = 4, 2
LORA = "--max_steps -1 --num_train_epochs 2 --tuner_type lora --target_modules all-linear --lora_rank 16 --lora_alpha 32 --lora_dropout 0 --freeze_vit true --freeze_aligner true"


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rivals", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--family", choices=("qwen3_vl", "qwen2_5_vl"), default="qwen3_vl")
    parser.add_argument("--lora", action="store_true", help="LoRA on the language part, the rest frozen, two epochs")
    options = parser.parse_args()
    if options.lora and f"models/{options.family}" not in (options.rivals / "lf_lora.yaml").read_text():
        parser.error(f"--family: expected the model that lf_lora.yaml names, found {options.family}")
    runs = {"beltline": ours, "llamafactory": llamafactory, "ms-swift": swift}
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(options.rounds):
        for name, run in runs.items():
            speeds[name].append(round(run(options.rivals, options.family, options.lora, number), 3))
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    best = max(medians["llamafactory"], medians["ms-swift"])
    target = 1.9 if options.lora else 1.25
    report = {"family": options.family, "lora": options.lora, "samples_per_second": speeds, "median": medians}
    print(json.dumps(report | {"ratio": round(medians["beltline"] / best, 3), "target": target}))


def ours(folder: Path, family: str, lora: bool, number: int) -> float:
    """Samples a second of our loop, in a process of its own like the others; with LoRA of the second epoch."""
    code = f"from benchmarks.train import learn; learn({str(folder)!r}, {family!r}, {lora})"
    env = {"OMP_NUM_THREADS": str(THREADS), "PYTHONPATH": os.pathsep.join(["platform", "."])}
    return float(_told(["python", "-c", code], Path(), env, r"samples_per_second ([\d.]+)", own=True))


def learn(folder: str, family: str, lora: bool) -> None:
    """Teach the tiny model by the bench's samples and print the speed."""
    import torch

    from actors.student import load_model
    from beltline.learning.adapt import adapt
    from beltline.learning.encode import draft, encode, load_processor
    from beltline.learning.loop import Report, teach
    from beltline.learning.packing import prepare
    from beltline.learning.pages import keep_pages
    from beltline.learning.plain import Plain
    from beltline.learning.plan import Plan
    from beltline.learning.recipe import Lora
    from beltline.learning.recipes import RECIPES
    from beltline.learning.taught import Taught

    torch.set_num_threads(THREADS)
    keep_pages()  # as actors/student.py does
    parts = {"tower": "frozen", "aligner": "frozen", "llm": "lora", "lora": Lora(rank=16, alpha=32)} if lora else {}
    same: dict[str, Any] = {"batch": BATCH, "rate": 1e-4, "warmup_share": 0.1, "weight_decay": 0.0, "tags": False}
    recipe = replace(RECIPES["gsr_nano"], family=family, epochs=2 if lora else 1, **same, **parts)
    base = str(Path(folder) / "models" / family)
    processor, model = load_processor(base, recipe), load_model(base, recipe)
    samples = _samples(Path(folder) / "bench")
    drafts = [draft(one, processor, recipe) for one in samples]
    plan = Plan([one.num_tokens for one in drafts], recipe.batch, recipe.epochs, recipe.seed, 1, recipe.max_tokens)
    engine = Plain(Taught(adapt(prepare(model), recipe)), recipe, plan.num_steps)
    reports: list[Report] = []
    began = time.monotonic()
    teach(
        engine,
        plan,
        [one.num_supervised for one in drafts],
        cache(lambda index: encode(drafts[index], samples[index].views, processor)),  # as actors/syllabus.py keeps them
        reports.append,
    )
    counted = reports[len(reports) // 2 :] if lora else reports
    spent = sum(one.seconds for one in counted) if lora else time.monotonic() - began
    print("samples_per_second", sum(one.samples for one in counted) / spent)


def _samples(bench: Path) -> list[Any]:
    from PIL import Image

    from beltline.learning.samples import Sample, Shown

    found = []
    for number, one in enumerate(json.loads((bench / "bench.json").read_text())):
        views = []
        for name, image in zip(("top", "side"), one["images"], strict=False):
            path = bench / image
            views.append(Shown(name, path.read_bytes(), Image.open(path).size, image))
        turns = tuple((turn["role"], turn["content"].replace("<image>", "")) for turn in one["messages"])
        found.append(Sample(number, tuple(views), turns))
    return found


def llamafactory(folder: Path, family: str, lora: bool, number: int) -> float:
    name = "lf_lora" if lora else f"lf_{family}"
    shutil.rmtree(folder / "out" / name, ignore_errors=True)  # what it left there stops its next run
    words = ["lf-venv/bin/llamafactory-cli", "train", f"{name}.yaml"]
    return float(_told(words, folder, {}, r"train_samples_per_second'?\W+([\d.]+)"))


def swift(folder: Path, family: str, lora: bool, number: int) -> float:
    out = folder / "out" / f"swift-{family}-{number}"
    shutil.rmtree(out, ignore_errors=True)
    env = {"ARCH": family, "STEPS": "32", "OUT": str(out)}
    words = ["bash", "swift_bench.sh", *(LORA.split() if lora else ())]
    return float(_told(words, folder, env, r"train_samples_per_second'?\W+([\d.]+)"))


def _told(words: list[str], folder: Path, env: dict[str, str], pattern: str, own: bool = False) -> str:
    """The figure that a run prints.

    Raises:
        SystemExit: it prints none.
    """
    quiet = {
        "CUDA_VISIBLE_DEVICES": "",
        "HF_HUB_OFFLINE": "1",
        "DS_ACCELERATOR": "cpu",
        "OMP_NUM_THREADS": str(THREADS),
    }
    words = [sys.executable, *words[1:]] if own else words
    done = subprocess.run(words, cwd=folder, env=os.environ | quiet | env, capture_output=True, text=True, check=False)
    found = re.findall(pattern, done.stdout + done.stderr)
    if not found:
        raise SystemExit(f"{' '.join(words)}: expected a speed, found none in {(done.stdout + done.stderr)[-1500:]}")
    return str(found[-1])


if __name__ == "__main__":
    main()
