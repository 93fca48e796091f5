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
ABSENT = "The picture shows no {bare}."

_UNITS = "Boxes are [left, top, right, bottom] in thousandths of the picture's width and height."
LOCATION_BOX = (
    f"Which box fits the {{gun}} best? {_UNITS}",
    f"There is one {{gun}} in this scan. Choose the rectangle that encloses it. {_UNITS}",
    f"Mark the {{gun}}: which of the rectangles would you draw? {_UNITS}",
    f"An inspector has to outline the {{gun}} for a second look. Which outline is right? {_UNITS}",
    f"Of these rectangles, which one lies exactly around the {{gun}}? {_UNITS}",
)

COUNTING = (
    "Count the {guns} in this X-ray picture.",
    "What number of {guns} can be found in the scan?",
    "The operator must note the number of {guns}. What should be written down?",
    "Go through the picture: how often do you meet {a_gun}?",
    "How large is the number of {guns} in this bag?",
)
COUNTING_GROUP = (
    "Count {group}. What is the result?",
    "Taking {group} together, what number does the scan show?",
    "What number belongs in a report on this bag for {group}?",
    "How large is the number of {group} in the picture?",
)
COUNTED_GROUPS = {
    "blades": "knives and cleavers of every kind",
    "containers": "filled bottles and gas canisters of every kind",
    "devices": "phones, tablets, laptops, power banks and loose batteries",
    "tools": "hammers, pliers, axes, wrenches, screwdrivers and scissors",
    "arms": "guns, bullets, grenades, batons, handcuffs and fireworks",
    "edges": "knives, cleavers, axes and scissors",
    "all but devices": "listed articles (arms, blades, tools, lighters, bottles and canisters), electronic devices and batteries not counted",
    "all": "listed articles (arms, blades, tools, lighters, bottles, canisters, batteries and electronic devices)",
}
"""What is counted together; mm_naming.py says which categories belong."""

IDENTITY = (
    "Just one of these four kinds of article is in the bag. Which?",
    "Which of the kinds named below can be recognised in the scan?",
    "A reference card lists the following kinds; only one of them matches something in this picture. Name it.",
    "What does the scan show?",
    "To which of the following kinds does an article in this bag belong?",
)
IDENTITY_PLACE = (
    "Several of the kinds below may be in this bag. Which one lies {where}?",
    "Look {where}: which of these kinds of article do you recognise there?",
    "Name the kind of article that lies {where}.",
)
WHERE = {
    "centre": "in the middle of the picture",
    "top": "towards the upper edge of the picture",
    "bottom": "towards the lower edge of the picture",
    "left": "towards the left edge of the picture",
    "right": "towards the right edge of the picture",
}

FEATURE = (
    "The bag holds {a_gun}. {claim_question}",
    "{A_gun} was identified in this scan. {claim_question}",
    "Known: {a_gun} is in the picture. To be checked: {claim_question}",
    "Suppose you have found the {gun}. {claim_question}",
)
CLAIMS = {
    "colour": ("is it mostly {value}", "the {gun} is mostly {value}"),
    "extent": ("is it {value} as it lies in the picture", "the {gun} is {value} as it lies in the picture"),
    "build": ("is it {value} seen from this side", "the {gun} is {value} seen from this side"),
    "direction": ("does its long axis run {value}", "the long axis of the {gun} runs {value}"),
    "outline": ("is it so shaped that it {value}", "the {gun} {value}"),
    "material": ("is it made of {value}", "the {gun} is made of {value}"),
    "handle": ("is its handle made of {value}", "the handle of the {gun} is made of {value}"),
    "pose": ("is it {value} in the bag", "the {gun} is {value} in the bag"),
}
"""Of each kind of feature: as a question about `it`, and as a statement."""

MISLEADING = (
    "Is this statement about the picture right? {Claim}.",
    "Somebody claims: {claim}. Do you agree?",
    "According to a note on the tray, {claim}. Does the scan bear that out?",
    "Would you sign a report which says that {claim}?",
    "True to the picture or not: {claim}?",
    "A trainee writes that {claim}. Is the trainee right?",
)
PRESENCE = "there is {a_gun} in the bag"
NUMBER = "the number of {group} in the bag is {number}"
PLACE = "the {gun} lies {where}"
YES_NO = ("Yes", "No")
