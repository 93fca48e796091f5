"""How a model is taught: recipes, nano models, batches, the loop. torch and no ray; never an import of the exams.

torch is told to ask for huge pages before it first asks for memory: on two processors half of a step of teaching went into finding pages
of 4 kB (docs/log.md). Where the kernel's `transparent_hugepage` is `never` it changes nothing.
"""

import os

os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
