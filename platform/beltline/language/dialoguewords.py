"""The stock of sentences for dialogues, captioning and grounding turns; `{...}` are filled in by questions.py and turns.py."""

PLACE = (
    "In which part of {picture} is {a}?",
    "Whereabouts in {picture} does {a} lie?",
    "Roughly, where is {a} in {picture}?",
)
PLACES = {
    "left": "on the left", "right": "on the right", "top": "at the top", "bottom": "at the bottom", "centre": "in the centre",
}  # fmt: skip
PLACED = (
    "{a} is at {box} of {picture}, where the bag reaches from {left} to {right} across and from {up} to {down} downwards.",
    "In {picture} the bag takes up {left} to {right} across and {up} to {down} downwards, and {a} is at {box}.",
)
BOXING = (
    "Where exactly is {a} in {picture}? Give its box.",
    "Draw a box around {a} in {picture}.",
    "Which box encloses {a} in {picture}?",
)
BOXED = ("In {picture} {a} {lies}; its box is {box}.", "{a} {lies} in {picture}, at {box}.")
COUNTING = (
    "How many {many} can you find?",
    "Give me the number of {many}.",
    "Tell me how many {many} were packed.",
    "I need a count of the {many}.",
)
FOUND = ("In {picture} one finds {counted}: {boxes}.", "{picture} shows {counted}: {boxes}.")
NOT_FOUND = ("In {picture} there is no {one}.", "{picture} shows no {one}.")
WHICH = ("Which of these was packed?", "One of these is in the bag. Which?", "Pick what the scan really shows.")
WHAT = ("What does the bag hold?", "List what was packed.", "Name the items that matter in this scan.")
HELD = ("{a} {box} {lies} in {picture}.", "In {picture} {a}, at {box}, {lies}.")
EMPTY = ("Nothing of interest shows.", "The scan shows nothing of interest.")
COLOUR = ("Which colour does {a} have in the scan?", "In which colour is {a} rendered?")
DESCRIBE = ("Describe {a} as the X-rays show it.", "What can be said of {a}?", "How does {a} come out in the scan?")
CLAIMS = {
    "presence": (
        "The bag holds {held}, right?",
        "I believe that there is {held} in here. Is that so?",
        "Surely {held} was packed?",
    ),
    "number": ("There {be} exactly {counted} in the bag, correct?", "I count {counted} in all. Do you agree?"),
    "colour": ("{a} comes out in {colour}, doesn't it?", "Is it true that {a} is rendered in {colour}?"),
    "place": ("In {picture} {a} is {place}, isn't it?", "Would you agree that {a} is {place} in {picture}?"),
}
REPLIES = {
    "presence": ("In all the scan shows {all}.", "What was packed is {all}."),
    "absence": ("In all the scan shows {all}; there is no {one}.", "What was packed is {all}, and no {one}."),
    "number": ("Counted over all views there {be} {counted}.",),
    "colour": ("{a} is rendered in {colour}.", "The colour of {a} is {colour}."),
    "place": ("{a} is at {box} of {picture}, which is {place}.", "In {picture} {a} is {place}, at {box}."),
}
FINAL = ("Answer: {answer}", "The answer: {answer}", "In short: {answer}")
CHOOSE = (
    "Choose by letter alone.",
    "One letter is enough.",
    "Reply with nothing but the letter.",
    "Just the letter, please.",
)
EXPLAIN = ("Explain, then answer.", "Say how you know.", "Give your reasons first.", "Walk me through it.")

CAPTIONING = (
    "Describe this scan.",
    "Write a caption for this bag.",
    "What would a report on this scan say?",
    "Put into words what the X-rays show.",
    "Give a full description of the bag and its contents.",
)
SCENE = ("Describe {picture}.", "What does {picture} show?", "Put {picture} into words.")
WHOLE = ("Now sum the bag up.", "And what is there in all?", "Close with a summary.")
LOCALISING = (
    "Detect every {one} in {picture}.",
    "Box all {many} in {picture}.",
    "Where are the {many} in {picture}? One box each.",
)
LOCALISING_ALL = (
    "Detect all items of interest in {picture}.",
    "Give every item of {picture} with its category and box.",
    "Locate what matters in {picture}.",
)
NONE_TO_BOX = ("There is no {one} in {picture}.", "{picture} shows no {one}, so there is no box.")
NOTHING_TO_BOX = ("There is nothing of interest in {picture}.", "{picture} shows nothing to box.")
