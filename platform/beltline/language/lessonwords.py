"""The stock of sentences for lessons: questions, what a view shows, what follows, how an answer is asked for.

Every sentence says exactly its fact; `{...}` are filled in by gsxray.py and questions.py. The exams have a wording of their own.
"""

COUNTING = (
    "How many {many} does this bag hold?",
    "Count the {many} in the two views.",
    "What is the number of {many} inside?",
    "Taking both views together, how many {many} are there?",
)
RECOGNITION = (
    "What is the item within {box} of the {view} view?",
    "Name the thing that {box} encloses in the {view} view.",
    "{box} in the {view} view marks an item. Which kind is it?",
    "To which category does the item at {box} of the {view} view belong?",
)
RELATION = {
    "belt": (
        "Along the belt, on which side of {b} does {a} lie?",
        "Following the belt from left to right, does {a} lie to the left or to the right of {b}?",
        "Does one meet {a} to the left or to the right of {b} along the belt?",
    ),
    "height": (
        "Is {a} above or below {b} in the bag?",
        "Compare heights over the belt: does {a} lie above {b} or below it?",
        "Seen from the side, which way from {b} lies {a}, above or below?",
    ),
    "across": (
        "Across the belt, is {a} nearer to the upper or to the lower edge of the top view than {b}?",
        "Compared with {b}, is {a} closer to the upper or the lower edge of the top view?",
    ),
}
SIDES = {
    "belt": ("to the left", "to the right"),
    "height": ("above", "below"),
    "across": ("the upper edge", "the lower edge"),
}
DISTANCE = {
    "belt": (
        "Measured along the belt, which lies nearer to {target}: {a} or {b}?",
        "Which has the shorter way along the belt to {target}, {a} or {b}?",
    ),
    "height": (
        "In height, which is closer to {target}: {a} or {b}?",
        "Going by height over the belt alone, is {a} or {b} the nearer neighbour of {target}?",
    ),
    "across": (
        "Across the belt, which is nearer to {target}, {a} or {b}?",
        "Going by the top view's vertical direction alone, which is closer to {target}: {a} or {b}?",
    ),
}
OCCLUSION = (
    "Which view hides less of {a}?",
    "In which of the two views can more of {a} be seen?",
    "From which direction is {a} the less covered?",
)
OVERLAP = (
    "In which views do {a} and {b} overlap?",
    "Where do {a} and {b} cover each other: from above, from the side, from both or from neither?",
    "Look for an overlap of {a} with {b}. Which views show one?",
)
OVERLAP_ANSWERS = ("in the top view only", "in the side view only", "in both views", "in neither view")
POSTURE = (
    "Does {a} lie flat or stand upright?",
    "How is {a} placed in the bag, flat or upright?",
    "Tell from both views whether {a} is lying flat or standing upright.",
)
POSTURE_ANSWERS = {"flat": "flat", "upright": "upright"}
LEVEL = (
    "How high over the belt does {a} lie in the bag?",
    "At what level of the bag is {a}: low, half-way up or high?",
    "Judge the height of {a} within the bag.",
)
LEVEL_ANSWERS = ("low", "half-way up", "high")

SHOWN = (
    "{a} {box} {lies}.",
    "{a}, at {box}, {lies}.",
    "Here {a} {box} {lies}.",
)
UNSHOWN = ("{a} cannot be made out here.", "{a} is not visible in this view.")
NONE_SHOWN = ("No {one} shows here.", "There is no {one} in this view.", "Here no {one} can be found.")
SOME_SHOWN = ("{counted}: {boxes}.", "Here one finds {counted}: {boxes}.", "This view shows {counted}: {boxes}.")
POINTED = ("The item at {box} {lies}.", "What {box} encloses {lies}.")

COUNTED_ALIKE = (
    "Both views show the same number, so there {be} {counted}.",
    "The count is the same from above and from the side, which makes {counted}.",
)
COUNTED_APART = (
    "Not every one shows in both views; matched along the belt, they make {counted}.",
    "One view shows what the other hides, and together the views give {counted}.",
)
COUNTED_NONE = (
    "Neither view shows one, so the bag holds no {one}.",
    "With none from above and none from the side, there is no {one}.",
)
RECOGNISED = (
    "Taken together, the views show {what}.",
    "What both views tell of it fits {what}.",
    "Put together, this is {what}.",
)
ORDERED = {
    "belt": "In the {view} view {first} ends at {end} along the belt and {second} begins at {begin}, so {a} lies {answer} of {b}.",
    "height": "In the side view {first} ends at {end}, higher up than {begin}, where {second} begins, so {a} lies {answer} {b}.",
    "across": "From above {first} ends at {end} and {second} begins at {begin}, so {a} is nearer to {answer}.",
}
NEAREST = (
    "In the {view} view the middle of {a} is {one} from that of {target}, the middle of {b} is {two}; {answer} is nearer.",
    "Between the middles lie {one} for {a} and {two} for {b} in the {view} view, which puts {answer} nearer to {target}.",
)
CLEARER = (
    "In the {view} view {a} {better}, in the {other} view it {worse}.",
    "{a} {better} in the {view} view but {worse} in the {other} view.",
)
SEEN_AS = {"clear": "is clear", "partly hidden": "is partly hidden", "heavily occluded": "is heavily occluded"}
OVERLAPPED = {
    "in the top view only": "The boxes cover each other from above and keep apart from the side.",
    "in the side view only": "The boxes keep apart from above and cover each other from the side.",
    "in both views": "The boxes cover each other from above and from the side alike.",
    "in neither view": "The boxes keep apart from above and from the side, so nothing is covered.",
}
LEVELLED = (
    "Measured against the height that the bag takes in the side view, {a} is {answer}.",
    "In the side view's share of the bag {a} comes out {answer}; the top view cannot tell.",
)

OPEN = (
    "Reason over the top view and the side view, then answer in a few words.",
    "Say what each view shows before you answer.",
    "Go through both views first, then give a short answer.",
)
CLOSED = (
    "Reason over both views, then name the letter of the right choice.",
    "Look at each view in turn; end with the letter alone.",
    "Explain what the views show, and answer with a letter.",
)
LETTERED = ("{letter}) {option}", "({letter}) {option}", "{letter}: {option}", "[{letter}] {option}")
