"""The describer's stock of words: how places, sights, densities, overlaps and openings are said.

Every phrase says exactly its fact and nothing else, and statements.py can read it: a test describes random scans and screens
them. `{...}` are filled in by grammar.py.
"""

OPENINGS = {
    "top": (
        "The top view shows {bag} with {counts}.",
        "Seen from above, {bag} holds {counts}.",
        "From above, {bag} can be seen to contain {counts}.",
        "In the top view, {bag} contains {counts}.",
        "The top-down view reveals {counts} in {bag}.",
        "Looking at {bag} from above, one can make out {counts}.",
        "The overhead view of {bag} displays {counts}.",
        "{counts} can be seen in {bag} from above.",
        "The top view captures {bag}; it holds {counts}.",
    ),
    "side": (
        "The side view shows {counts} in {bag}.",
        "Seen from the side, {bag} contains {counts}.",
        "In the side view, {counts} can be seen in {bag}.",
        "From the side, {bag} can be seen to hold {counts}.",
        "The lateral view displays {bag} with {counts}.",
        "The side view of {bag} reveals {counts}.",
        "A look from the side shows {counts} in {bag}.",
        "The side-on view captures {counts} inside {bag}.",
        "{counts} can be made out in {bag} from the side.",
    ),
    "only": (
        "The image shows {bag} with {counts}.",
        "This X-ray image captures {bag} that contains {counts}.",
        "{counts} can be seen in {bag}.",
        "The scan reveals {counts} in {bag}.",
        "In this scan, {bag} holds {counts}.",
        "This scan of {bag} displays {counts}.",
        "{bag} containing {counts} is visible in the image.",
        "What the image shows is {bag} with {counts} inside.",
    ),
}
WHOLE = (
    "In all, {bag} contains {counts}.",
    "Altogether, {counts} can be found in {bag}.",
    "Overall, the scan shows {bag} with {counts}.",
    "Counting everything, {bag} contains {counts}.",
    "To sum up, there {be} {counts} in {bag}.",
    "The scan as a whole shows {counts} in {bag}.",
    "As a whole, {bag} is found to hold {counts}.",
    "Summing up, {bag} contains {counts}.",
)
NOTHING = ("no item of interest", "nothing of interest")
UNSEEN = (
    "No {noun} is visible in this view.",
    "There is no {noun} in this view.",
    "This view contains no {noun}.",
)
PACKED = {
    "sparse": ("sparsely packed", "sparsely filled"),
    "medium": ("moderately packed", "moderately filled"),
    "dense": ("densely packed", "densely filled"),
}
VERBS = {
    "top": ("lies", "is located", "can be seen", "rests", "is found", "appears"),
    "side": ("sits", "is located", "can be seen", "is found", "appears", "shows up"),
}
PLACES = {
    "left": (
        "on the left", "on the left side", "towards the left edge of the {holder}", "in the left part of the {holder}",
        "near the left edge", "on the left-hand side", "at the left end of the {holder}",
    ),
    "right": (
        "on the right", "on the right side", "towards the right edge of the {holder}", "in the right part of the {holder}",
        "near the right edge", "on the right-hand side", "at the right end of the {holder}",
    ),
    "top": (
        "at the top", "in the upper part of the {holder}", "near the upper edge", "in the upper area",
        "towards the top edge of the {holder}", "along the upper side of the {holder}",
    ),
    "bottom": (
        "at the bottom", "in the lower part of the {holder}", "near the lower edge", "in the lower area",
        "towards the bottom edge of the {holder}", "along the lower side of the {holder}",
    ),
    "centre": (
        "in the centre", "in the middle", "in the middle of the {holder}", "near the centre of the {holder}",
        "in the central area", "in the central part of the {holder}",
    ),
}  # fmt: skip
CORNERS = ("in the {corner} corner", "in the {corner} area", "towards the {corner} corner of the {holder}")
SIGHTS = {
    "clear": ("is clearly visible", "is fully visible", "stands out clearly", "is unobstructed"),
    "partly hidden": ("is partly hidden", "is partially occluded", "is only partly visible", "is partially covered"),
    "heavily occluded": (
        "is heavily occluded",
        "is largely hidden",
        "is mostly covered",
        "is hidden for the most part",
    ),
}
NOTHING_MORE = {
    "scene": ("is visible here", "can be seen as well", "is among the contents"),
    "item": ("can be seen", "is visible", "is in view"),
}
"""For an item of which nothing but the box is known."""
SIZES = {"small": ("small", "compact"), "large": ("large", "sizeable"), "medium": ("medium-sized", "", "")}
OVERLAPS = (
    "{one} and {two} overlap.",
    "{one} overlaps with {two}.",
    "{one} overlaps {two}.",
    "The outlines of {one} and {two} overlap.",
    "{one} and {two} overlap each other.",
)
SAME_OVERLAPS = (
    "Two of the {nouns} overlap.",
    "Two of the {nouns} overlap each other.",
    "The outlines of two of the {nouns} overlap.",
)
COLOURED = ("is rendered in {colour}", "shows up in {colour}", "appears in {colour}", "is displayed in {colour}")
MADE_OF = ("is made of {material}", "consists of {material}", "is made from {material}")
PARTS = ("blade", "blades", "head", "tools", "case", "casing", "sleeves", "body", "shell", "frame", "housing", "handle")
"""Materials that name a part ('steel blade') are had, not consisted of."""
POSES = {
    "lying": "is lying down",
    "flat": "lies flat",
    "lying flat": "lies flat",
    "standing": "stands upright",
    "upright": "stands upright",
    "tilted": "is tilted",
}
FITS = {"flat": ("lying", "lying flat", "flat"), "upright": ("standing", "upright")}
"""Poses that a profile may be told beside: the other poses would seem to deny it."""
PROFILES = {
    "flat": (
        "It spreads out from above but is low from the side{so}.",
        "It is broad from above but thin from the side{so}.",
        "Its height from the side is small beside its length from above{so}.",
    ),
    "upright": (
        "It takes little room from above but rises tall from the side{so}.",
        "It is compact from above but tall from the side{so}.",
        "From the side it is taller than it is long from above{so}.",
    ),
}
SO = {"flat": ", so it lies flat", "upright": ", so it stands upright"}
"""The conclusion, left out where the pose has been told already."""
OCCLUDED = "Heavy occlusion hides most of {items}{views}."
BOTH_SIDES = ("Both views show it on the {place}.", "It is on the {place} in both views.")
EACH_VIEW = (
    "In the top view it {top}, while in the side view it {side}.",
    "From above it {top}, whereas from the side it {side}.",
    "It {top} in the top view, but {side} in the side view.",
    "Seen from above it {top}; seen from the side it {side}.",
)
SAME_IN_BOTH = ("It {both} in both views.", "In both views it {both}.", "Both views show that it {both}.")
IN_VIEW = {
    "top": ("In the top view it {top}.", "From above it {top}."),
    "side": ("In the side view it {side}.", "From the side it {side}."),
    "only": ("It {top}.", "In the image it {top}."),
}
