"""The words of the MMXray exam as plain data: several for each kind of question, drawn by hash of the scan and what is asked, never of
the answer.

None of them is taken from either paper or from the lessons (`language/`); fields in braces are filled by the builders, which name them
after an example: `{a_gun}` is "a pair of scissors" for scissors.
"""

LOCATION_PLACE = (
    "Does this X-ray picture show {a_gun}, and in which part of it?",
    "Look for {a_gun}: where in the picture is it, if it is there at all?",
    "In what part of the scanned bag does {a_gun} appear?",
    "Which of these is true of {a_gun} in this scan?",
    "A colleague asks whether you see {a_gun} here and where. What do you reply?",
    "Find {a_gun} in the scan and say whereabouts it lies.",
)
PLACE_OPTIONS = {
    "centre": "It is there, in the middle.",
    "top": "It is there, towards the upper edge.",
    "bottom": "It is there, towards the lower edge.",
    "left": "It is there, towards the left edge.",
    "right": "It is there, towards the right edge.",
}
ABSENT = "There is no {bare} in the picture."

_UNITS = "Boxes are [left, top, right, bottom] in thousandths of the picture's width and height."
LOCATION_BOX = (
    f"Which box fits the {{gun}} best? {_UNITS}",
    f"There is one {{gun}} in this scan. Choose the rectangle that encloses it. {_UNITS}",
    f"Mark the {{gun}}: which of the rectangles would you draw? {_UNITS}",
    f"An inspector has to outline the {{gun}} for a second look. Which outline is right? {_UNITS}",
    f"Of these rectangles, which one lies exactly around the {{gun}}? {_UNITS}",
)
