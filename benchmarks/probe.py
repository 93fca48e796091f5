"""Can a small model learn to see in virtual bags? Five million parameters, from nothing, against answerers that do not look.

    OMP_WAIT_POLICY=passive nice python -m benchmarks.probe [--core-minutes 40] [--sheet sheet.png]

It learns "in which half of the bag is the item" (halves.py) from 2,000 `clear` bags and is examined on 1,000 others; intervals are
bootstraps over bags. The budget is processor time of both threads, 40 core minutes for 20 minutes of two cores, so that a busy machine
changes nothing; waiting threads must sleep, not spin. Rendering and examining are not part of it. Prints one JSON object.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from beltline import pixels
from beltline.image.energy import Rgb
from beltline.image.phantom import RECIPES
from beltline.scan import Row
from benchmarks import halves
from benchmarks.halves import Bags, Question

CATEGORIES = RECIPES["clear"].categories
AXES = torch.tensor([axis for _, axis in halves.KINDS])
BATCH, RATE, DECAY = 16, 1e-3, 0.05
Batch = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Views, and of each question the bag's place in the batch, kind, category, answer."""


def main() -> None:
    """Runs and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bags", type=int, nargs=2, default=(2000, 1000), help="to learn from, and to be examined on")
    parser.add_argument("--core-minutes", type=float, default=40.0, help="processor time for learning")
    parser.add_argument("--seed", type=int, default=RECIPES["clear"].seed, help="another seed for pilots")
    parser.add_argument("--sheet", type=Path, help="draw right and wrong answers")
    options = parser.parse_args()
    torch.set_num_threads(2)
    train, held = halves.material(*options.bags, options.seed)
    exam, start = halves.balanced(held.questions, options.seed), time.monotonic()
    if not exam:
        parser.error("expected bags enough for a balanced exam, found no pair of questions: raise --bags")
    model, curve = learn(train, held, exam, options.core_minutes * 60, options.seed)
    report = {
        "bags": {"train": len(train.views), "held_out": len(held.views), "examined": len({q.bag for q in exam})},
        "questions": {"train": len(train.questions), "examined": len(exam), **halves.count_kinds(exam)},
        "parameters": sum(p.numel() for p in model.parameters()),
        "wall_minutes": round((time.monotonic() - start) / 60, 1),
        "curve": curve,
    }
    if options.sheet:
        options.sheet.write_bytes(pixels.encode_png(sheet(held, exam, predict(model, held, exam))))
    print(json.dumps(report | judge(model, held, train.questions, exam)))


class Block(nn.Module):
    """Two convolutions around which the input goes."""

    def __init__(self, width: int):
        super().__init__()
        self.body = nn.Sequential(conv(width, width), nn.ReLU(), conv(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.relu(x + self.body(x))


def conv(inner: int, outer: int, stride: int = 1) -> nn.Sequential:
    """3x3, normalised."""
    return nn.Sequential(nn.Conv2d(inner, outer, 3, stride, 1, bias=False), nn.BatchNorm2d(outer))


class Look(nn.Module):
    """A question looks at the patches: (Q, D) and (Q, P, D) to (Q, D)."""

    def __init__(self, width: int):
        super().__init__()
        self.before, self.after = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = nn.MultiheadAttention(width, 8, batch_first=True)
        self.think = nn.Sequential(nn.Linear(width, 6 * width), nn.GELU(), nn.Linear(6 * width, width))

    def forward(self, asked: Tensor, patches: Tensor) -> Tensor:
        query = self.before(asked)[:, None]
        asked = asked + self.attention(query, patches, patches, need_weights=False)[0][:, 0]
        return asked + self.think(self.after(asked))


class Probe(nn.Module):
    """Convolutions down to 12x9 patches a view; a question, the sum of two embeddings, looks at both views and then points.

    The answer is the side of the middle on which the place lies that it points to, so the network has to find the thing and
    nothing else. In the side view only the place along the belt counts.
    """

    def __init__(self, width: int = 256, depth: int = 3):
        super().__init__()
        ladder, (columns, rows) = (3, 32, 64, 128, width), (halves.SIZE_WH[0] // 16, halves.SIZE_WH[1] // 16)
        steps = [nn.Sequential(conv(a, b, 2), nn.ReLU()) for a, b in pairwise(ladder)]
        self.trunk = nn.Sequential(*steps, Block(width))
        self.place = nn.Parameter(0.02 * torch.randn(2, rows * columns, width))
        self.kind, self.category = nn.Embedding(len(halves.KINDS), width), nn.Embedding(len(CATEGORIES), width)
        self.norm, self.ready = nn.LayerNorm(width), nn.LayerNorm(width)
        self.looks = nn.ModuleList(Look(width) for _ in range(depth))
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.steepness = nn.Parameter(torch.tensor(6.0))
        x, y = torch.linspace(-1, 1, columns).repeat(rows), torch.linspace(-1, 1, rows).repeat_interleave(columns)
        self.register_buffer("offset", torch.stack([torch.cat([x, x]), torch.cat([y, 0 * y])]))

    def forward(self, views: Tensor, bag: Tensor, kind: Tensor, category: Tensor) -> Tensor:
        """Views (B, 2, 3, H, W) in 0..1; of each question its bag, kind and category (Q,); logits (Q,) of the second half."""
        maps = self.trunk((1 - views.flatten(0, 1)).contiguous(memory_format=torch.channels_last))
        patches = maps.flatten(2).transpose(1, 2).unflatten(0, (-1, 2)) + self.place
        patches = self.norm(patches.flatten(1, 2))
        asked = self.kind(kind) + self.category(category)
        for look in self.looks:
            asked = look(asked, patches[bag])
        scores = torch.einsum("qd,qpd->qp", self.query(self.ready(asked)), self.key(patches)[bag])
        pointed = torch.softmax(scores / patches.shape[2] ** 0.5, dim=1)
        return self.steepness * (pointed * self.offset[AXES[kind]]).sum(dim=1)


def batch_of(bags: Bags, of_bag: dict[int, list[Question]], chosen: list[int], flips: np.ndarray) -> Batch:
    """Some bags with their questions. `flips` (B, 2) mirrors a bag along the belt, and its top view across; answers follow."""
    views = torch.from_numpy(bags.views[chosen]).permute(0, 1, 4, 2, 3).float() / 255
    rows = []
    for place, bag in enumerate(chosen):
        if flips[place, 0]:
            views[place] = views[place].flip(-1)
        if flips[place, 1]:
            views[place, 0] = views[place, 0].flip(-2)
        for q in of_bag[bag]:
            answer = q.answer ^ int(flips[place, halves.KINDS[q.kind][1]])
            rows.append((place, q.kind, CATEGORIES.index(q.category), answer))
    where, kind, category, answers = torch.tensor(rows).T
    return views, where, kind, category, answers.float()


def learn(train: Bags, held: Bags, exam: list[Question], budget_s: float, seed: int) -> tuple[Probe, list[Row]]:
    """The model after `budget_s` of processor time, and its accuracy on the exam along the way, which decides nothing."""
    torch.manual_seed(seed)
    model, of_bag = Probe().to(memory_format=torch.channels_last), halves.by_bag(train.questions)
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
    curve, losses, spent = [], [], 0.0
    for chosen, flips in lessons(list(of_bag), np.random.default_rng([seed, 1])):
        start = time.process_time()
        optimizer.param_groups[0]["lr"] = rate(len(losses), spent / budget_s)
        losses.append(step(model, optimizer, batch_of(train, of_bag, chosen, flips)))
        spent += time.process_time() - start
        if spent >= budget_s * (len(curve) + 1) / 10:
            accuracy = halves.mean(halves.correct(predict(model, held, exam), exam))
            spot = {"core_minutes": round(spent / 60, 1), "steps": len(losses), "accuracy": accuracy}
            curve.append(spot | {"loss": halves.mean(np.array(losses[-100:]))})
            print(json.dumps(curve[-1]), file=sys.stderr, flush=True)
        if spent >= budget_s:
            return model, curve


def lessons(bags: list[int], rng: np.random.Generator) -> Iterator[tuple[list[int], np.ndarray]]:
    """Bags of each batch, every bag once in a round, and (B, 2) which of them to mirror along and across the belt."""
    queue: list[int] = []
    while True:
        while len(queue) < BATCH:
            queue += rng.permutation(bags).tolist()
        chosen, queue = queue[:BATCH], queue[BATCH:]
        yield chosen, rng.random((BATCH, 2)) < 0.5


def rate(steps: int, done: float) -> float:
    """Learning rate: a hundred steps up, then down a cosine to 2 % of the peak as the budget is used up."""
    return RATE * min(1.0, (steps + 1) / 100) * (0.51 + 0.49 * math.cos(math.pi * min(1.0, done)))


def step(model: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch) -> float:
    """One step; its loss."""
    model.train()
    loss = nn.functional.binary_cross_entropy_with_logits(model(*batch[:4]), batch[4])
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()


@torch.no_grad()
def predict(model: nn.Module, bags: Bags, questions: list[Question]) -> np.ndarray:
    """Probability of the second half, for every question in its order."""
    model.eval()
    of_bag, found = halves.by_bag(questions), {}
    for start in range(0, len(of_bag), 32):
        chosen = list(of_bag)[start : start + 32]
        logits = model(*batch_of(bags, of_bag, chosen, np.zeros((len(chosen), 2), bool))[:4])
        found.update(zip([q for bag in chosen for q in of_bag[bag]], torch.sigmoid(logits).tolist(), strict=True))
    return np.array([found[q] for q in questions])


def judge(model: nn.Module, held: Bags, learned: list[Question], exam: list[Question]) -> dict[str, object]:
    """Accuracy of the model and of the blind, its lead on the best of them, and where and how it comes about.

    `another_bag`: asked of another bag's picture. `opposed`: things with another category in the opposite half, where whoever
    ignores the category is right half of the time.
    """
    right = halves.correct(predict(model, held, exam), exam)
    of_blind = {name: answers == halves.truth(exam) for name, answers in halves.blind(learned, exam).items()}
    best = max(of_blind.values(), key=np.mean)
    order, views, opposed = sorted({q.bag for q in exam}), held.views.copy(), halves.opposites(held.questions)
    views[order] = held.views[np.roll(order, 1)]
    astray = halves.correct(predict(model, Bags(views, []), exam), exam)
    return {
        "accuracy": halves.mean(right),
        "interval": halves.interval(right, exam),
        "blind": {name: halves.mean(of) for name, of in of_blind.items()},
        "lead": halves.mean(right.astype(float) - best),
        "lead_interval": halves.interval(right.astype(float) - best, exam),
        "another_bag": halves.mean(astray),
        "opposed": halves.mean(halves.correct(predict(model, held, opposed), opposed)),
        "opposed_questions": len(opposed),
        "by_kind": halves.mean_by([" ".join(map(str, halves.KINDS[q.kind])) for q in exam], right),
        "by_category": halves.mean_by([q.category for q in exam], right),
    }


def sheet(held: Bags, exam: list[Question], second: np.ndarray, each: int = 12) -> Rgb:
    """Right answers, then as many wrong ones: both views, the question, and how sure the model was."""
    right = halves.correct(second, exam)
    order = np.random.default_rng(1).permutation(len(exam))  # the exam comes category by category
    chosen = np.concatenate([order[right[order] == wanted][:each] for wanted in (True, False)])
    cells = [cell(held, exam[n], float(second[n])) for n in chosen]
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % 4)
    return np.vstack([np.hstack(cells[i : i + 4]) for i in range(0, len(cells), 4)])


def cell(held: Bags, q: Question, second: float) -> Rgb:
    """One answered question."""
    picture, words = np.hstack(held.views[q.bag]), halves.HALVES[halves.KINDS[q.kind][1]]
    framed = cv2.copyMakeBorder(picture, 1, 36, 1, 1, cv2.BORDER_CONSTANT, value=(225, 225, 225))
    says = f"says {words[second > 0.5]} at {max(second, 1 - second):.2f}: {'right' if (second > 0.5) == q.answer else 'WRONG'}"
    for row, text in ((14, f"{halves.KINDS[q.kind][0]} view, {q.category}, {'/'.join(words)}?"), (30, says)):
        cv2.putText(framed, text, (4, picture.shape[0] + row), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1)
    return framed


if __name__ == "__main__":
    main()
