"""Readers and writers of the public formats: one file per format, each finding entries that load() turns into scans.

    reader = READERS["dvxray"]
    for entry in survey(reader, root):
        scan = load(reader, root, entry)  # BadRow for a rejected entry or a bad image

Trust: a folder of scans comes from outside. Nothing is opened that does not lie in it, no file can stop a survey, and every
file is accounted for. `Reader.where` tells a user where to get a set and how it must lie.
"""

from beltline.formats.entry import Entry, Reader
from beltline.formats.readers import READERS
from beltline.formats.survey import load, survey

__all__ = ["READERS", "Entry", "Reader", "load", "survey"]
