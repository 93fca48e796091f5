"""The table of readers: what each public set is called, who may use it, how large its pixels are, and how it must lie.

No public set states a scale. Every `mm_per_px` here is our assumption: that the width of an image shows a stretch of belt or
tunnel of 0.6 to 1 m. Override it with `dataclasses.replace(READERS[name], mm_per_px=...)` when the scanner is known.
"""

from typing import Final

from beltline.formats import (
    coco,
    dualray,
    dvxray,
    gdxray,
    knifetext,
    labelmask,
    labelme,
    ldxray,
    pictures,
    sixray,
    stingbee,
    voc,
    yolo,
)
from beltline.formats.entry import Finder, Reader

_ACADEMIC = "academic use only"
_OWNER = "as stated by the folder's owner"
_MASKS = ((1, "gun"), (2, "knife"))

_ALL = (
    Reader(
        name="dvxray",
        licence="none stated",
        mm_per_px=1.0,
        native_width_px=800,  # every original is 800x600
        find=dvxray.find,
        where="DvXray (github.com/Mbwslib/DvXray): <id>_OL.png, <id>_SD.png and <id>.json side by side, in any folders",
    ),
    Reader(
        name="ldxray",
        licence="Apache-2.0 (code); academic and non-commercial use (data)",
        mm_per_px=1.0,
        find=ldxray.find,
        where="LDXray (github.com/rstao-bjtu/LDXray): train.json and test.json (COCO), train_A/ test_A/ (main view), train_B/ test_B/ (side view)",
    ),
    Reader(
        name="opixray",
        licence=_ACADEMIC,
        mm_per_px=0.75,
        native_width_px=1225,  # every original is 1225x954
        find=Finder(knifetext.find, "opixray"),
        where="OPIXray (github.com/OPIXray-author/OPIXray): {train,test}/{train,test}_image/*.jpg and {train,test}_annotation/*.txt",
    ),
    Reader(
        name="hixray",
        licence=f"{_ACADEMIC}, signed agreement",
        mm_per_px=0.75,
        find=Finder(knifetext.find, "hixray"),
        where="HiXray (github.com/HiXray-author/HiXray): {train,test}/{train,test}_image/* and {train,test}_annotation/*.txt",
    ),
    Reader(
        name="pidray",
        licence=_ACADEMIC,
        mm_per_px=1.25,
        find=Finder(coco.find, "pidray"),
        where="PIDray (github.com/lutao2021/PIDray): annotations/xray_*.json (COCO) and {train,easy,hard,hidden}/*.png",
    ),
    Reader(
        name="clcxray",
        licence=_ACADEMIC,
        mm_per_px=1.0,
        find=Finder(coco.find, "clcxray"),
        where="CLCXray (github.com/GreysonPhoenix/CLCXray): a COCO JSON file per split and the images",
    ),
    Reader(
        name="pixray",
        licence=_ACADEMIC,
        mm_per_px=1.0,
        find=Finder(coco.find, "pixray"),
        where="PIXray: a COCO JSON file per split and the images",
    ),
    Reader(
        name="det-compass",
        licence="none stated",
        mm_per_px=1.0,
        find=Finder(coco.find, "det-compass"),
        where="DET-COMPASS (huggingface.co/datasets/PAGF/DET-COMPASS): COCO JSON files with run lengths under 'mask', and the images",
    ),
    Reader(
        name="coco",
        licence=_OWNER,
        mm_per_px=1.0,
        find=Finder(coco.find, "coco"),
        where="any set in COCO format: a JSON file with images, annotations and categories, and the images below the folder",
    ),
    Reader(
        name="sixray",
        licence=_ACADEMIC,
        mm_per_px=1.25,
        find=sixray.find,
        where="SIXray (github.com/MeioJane/SIXray): images/*.jpg, annotations/P*.xml (VOC), labels/{10,100,1000}/*.csv",
    ),
    Reader(
        name="sixray-masks",
        licence=f"MIT (masks); images of SIXray, {_ACADEMIC}",
        mm_per_px=1.25,
        find=labelmask.find,
        where="scans in img/ and masks of the same names in annotations/ (8-bit grey: 0 bag, 1 gun, 2 knife)",
        mask_categories=_MASKS,
    ),
    Reader(
        name="stcray",
        licence="none stated",
        mm_per_px=1.25,
        find=labelme.find,
        where="STCray (huggingface.co/datasets/Naoufel555/STCray-Dataset): STCray_{Train,Test}Set/{Images,Json,Json_BB,Captions}/Class NN_Name/*",
    ),
    Reader(
        name="stingbee",
        licence="none stated",
        mm_per_px=1.25,
        find=stingbee.find,
        where="STING-BEE's instruction data (huggingface.co/datasets/Divs1159/StingBee_XrayInstruct): the JSON file and its images in one folder",
    ),
    Reader(
        name="dualray",
        licence="confidentiality agreement",
        mm_per_px=1.0,
        find=dualray.find,
        where="Dualray (github.com/zhg-SZPT/Dualray): X_ray2022/ (vertical view) and X_ray2022_1/ (horizontal view), each with images and VOC files",
    ),
    Reader(
        name="gdxray",
        licence=_ACADEMIC,
        mm_per_px=0.5,  # a laboratory detector, a metre from the object: about 0.4 m over 768 px
        find=gdxray.find,
        where="GDXray Baggages (domingomery.ing.puc.cl): B00NN_NNNN.png with VOC files of the same names, or with masks in annotations/",
        mask_categories=_MASKS,
    ),
    Reader(
        name="pictures",
        licence=_OWNER,
        mm_per_px=1.0,
        find=pictures.find,
        where="any images: <bag>_top.png with <bag>_side.png beside it are one bag, every other image is a top view alone",
    ),
    Reader(
        name="voc",
        licence=_OWNER,
        mm_per_px=1.0,
        find=voc.find,
        where="any set in Pascal VOC format: an XML file per image, of the same name or naming it",
    ),
    Reader(
        name="yolo",
        licence=_OWNER,
        mm_per_px=1.0,
        find=yolo.find,
        where="any set in YOLO format: images/**, labels/**/*.txt, and the class names in data.yaml or classes.txt",
    ),
)

READERS: Final[dict[str, Reader]] = {reader.name: reader for reader in _ALL}
"""Every reader by name."""
