"""Writers of what other tools read: trainers' conversations, detectors' boxes, data sets and exams, one file per format.

    EXPORTS["sharegpt"].write(folder, scans, conversation_rows)

A writer takes scans and plain rows (of conversations or questions), goes through each once, and writes below one folder, with
paths relative to it. What a format cannot hold is left out; roundtrip.py says what that is.
"""

from beltline.formats.export.table import EXPORTS, Export

__all__ = ["EXPORTS", "Export"]
