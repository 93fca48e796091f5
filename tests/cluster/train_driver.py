"""The command line in a process of its own, with a recipe that no user has: a driver that test_train_on_ray.py kills.

python tests/cluster/train_driver.py recipe.pickle train --recipe gsr_nano ...
"""

import pickle
import sys
from pathlib import Path


def main() -> int:
    from beltline.learning.recipes import RECIPES
    from jobs.__main__ import main as jobs

    RECIPES["gsr_nano"] = pickle.loads(Path(sys.argv[1]).read_bytes())
    return jobs(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
