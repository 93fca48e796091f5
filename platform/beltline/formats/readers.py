"""The table of readers: one line of facts for each public set."""

from typing import Final

from beltline.formats import coco, dvxray, labelmask
from beltline.formats.entry import Reader

_ACADEMIC = "academic use only"

_ALL = (
    Reader(
        name="dvxray",
        licence="none stated",
        mm_per_px=1.0,  # assumption: 800 px show a belt window of about 0.8 m
        native_width_px=800,
        find=dvxray.find,
        where="DvXray (github.com/Mbwslib/DvXray): <id>_OL.png, <id>_SD.png and <id>.json in one folder or several",
    ),
    Reader(
        name="pidray",
        licence=_ACADEMIC,
        mm_per_px=1.25,  # assumption: its scans are about 450 to 600 px wide for a bag of about 0.6 m
        find=coco.finder("pidray"),
        where="PIDray (github.com/lutao2021/PIDray): annotations/*.json (COCO) and {train,easy,hard,hidden}/*.png",
    ),
    Reader(
        name="coco",
        licence="as stated by the folder's owner",
        mm_per_px=1.0,  # assumption
        find=coco.finder("coco"),
        where="any set in COCO format: a JSON file with images, annotations, categories, and the images below the folder",
    ),
    Reader(
        name="sixray-masks",
        licence="MIT (masks); images of SIXray, academic use only",
        mm_per_px=1.25,  # assumption: 768 px for a tunnel of about 1 m
        find=labelmask.find,
        where="a folder img/ of scans and a folder annotations/ of masks of the same names (0 bag, 1 gun, 2 knife)",
        mask_categories=((1, "gun"), (2, "knife")),
    ),
)

READERS: Final[dict[str, Reader]] = {reader.name: reader for reader in _ALL}
