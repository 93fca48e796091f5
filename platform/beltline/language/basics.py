"""What a pupil is taught of X-ray screening without a picture: one fact a row, with wrong answers (One 3.3, Basic Understanding).

These facts are for lessons alone. An exam asks others: its facts are told apart from these by `key`.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Basic:
    """A fact as a question."""

    key: str
    question: str
    answer: str
    wrong: tuple[str, ...]
    because: str
    """Why, in one or two sentences."""


BASICS: Final[tuple[Basic, ...]] = (
    Basic(
        "orange-organic",
        "Which sort of matter does orange stand for in a dual-energy baggage scan?",
        "organic matter",
        ("heavy metal", "glass", "empty space"),
        "Light elements such as carbon and oxygen weaken low and high energies in nearly the same ratio, and scanners paint "
        "that ratio orange.",
    ),
    Basic(
        "blue-metal",
        "What is usually painted blue by a dual-energy scanner?",
        "metal",
        ("paper", "water", "cloth"),
        "Metals take much more from the low energy than from the high one, and that strong difference is painted blue.",
    ),
    Basic(
        "green-middle",
        "What does green tell about the matter in the beam?",
        "a middling effective atomic number",
        ("a very high temperature", "a radioactive source", "a liquid of any kind"),
        "Green is given to what lies between organic matter and metal: aluminium, glass, or light and heavy matter over one "
        "another.",
    ),
    Basic(
        "black-opaque",
        "Why does a thick block of lead come out black?",
        "hardly any radiation gets through it",
        ("it gives off light", "it is colder than the bag", "the scanner leaves it out"),
        "The detector behind it receives next to nothing, and nothing received is drawn as black.",
    ),
    Basic(
        "white-empty",
        "What does a white area beside the bag mean?",
        "nothing stands in the beam there",
        ("a detector is broken", "a strong magnet", "a sheet of steel"),
        "Where the beam meets only air and the belt, it arrives unweakened and is drawn as white.",
    ),
    Basic(
        "layers-add",
        "Two things lie over each other in the beam. How does the overlap look?",
        "darker than either alone",
        ("lighter than either alone", "as the upper one alone", "empty"),
        "Each layer weakens what the other let through, so the weakening adds up and the overlap is darker.",
    ),
    Basic(
        "law-exponential",
        "How does the intensity behind a uniform plate fall as the plate gets thicker?",
        "exponentially",
        ("in a straight line", "not at all", "in a single step"),
        "Every further millimetre removes the same share of what is left; that is the Beer-Lambert law.",
    ),
    Basic(
        "two-energies",
        "Why do scanners measure at two energies?",
        "to tell materials apart",
        ("to move the belt faster", "to see through lead", "to measure weight"),
        "One energy alone cannot tell a thick piece of plastic from a thin piece of metal; the ratio of two can.",
    ),
    Basic(
        "paint-invisible",
        "Can a scan show which colour a suitcase has been painted?",
        "no",
        ("yes",),
        "A layer of paint weakens the beam far too little, and the colours of the image stand for material only.",
    ),
    Basic(
        "side-view-use",
        "What is a second view from the side good for?",
        "it parts things that cover each other in the first view",
        ("it doubles the speed", "it shows the owner", "it replaces the belt"),
        "Things that lie over each other from above mostly lie beside each other from the side.",
    ),
    Basic(
        "projection-depth",
        "What does a single projection lose?",
        "depth along the beam",
        ("all outlines", "all metals", "every edge on the left"),
        "All that lies on one ray is summed into one pixel, so the order and the distances along the ray are gone.",
    ),
    Basic(
        "belt-shared",
        "Two views are taken of one bag on one belt. Which coordinate of an item do they share?",
        "its place along the belt",
        ("its height over the belt", "its place across the belt", "none"),
        "Both views are drawn line by line as the belt moves, so the same line shows the same slice of the bag.",
    ),
    Basic(
        "liquid-bottle",
        "Which colour would you expect of a plastic bottle full of water?",
        "orange",
        ("black", "dark blue", "white"),
        "Water and plastic are made of light elements, which dual-energy scanners paint orange.",
    ),
    Basic(
        "battery-cells",
        "What gives a power bank away in a scan?",
        "dense cells side by side with a small circuit board",
        ("a long thin blade", "a hollow tube with a trigger", "a soft wide shadow"),
        "Its cells are wound metal foils, dense and of one shape, and a board with a socket sits at one end.",
    ),
    Basic(
        "knife-edge-on",
        "Why may a knife be hard to see in one view?",
        "its blade may stand edge-on or lie in line with other metal",
        ("steel lets all radiation through", "blades are painted out", "it is always too short"),
        "A thin blade seen along its plane is only a line, and metal over metal hides an outline.",
    ),
    Basic(
        "ceramic-knife",
        "Would a ceramic knife ring a metal detector?",
        "no",
        ("yes",),
        "Ceramic does not conduct, so a metal detector stays silent; in an X-ray image its outline still shows.",
    ),
    Basic(
        "aluminium-steel",
        "Which looks darker at equal thickness, aluminium or steel?",
        "steel",
        ("aluminium", "both the same"),
        "Iron has the higher density and atomic number, so the same thickness weakens the beam more.",
    ),
    Basic(
        "opaque-action",
        "A region is too dark to judge. What should a screener do?",
        "have the bag opened or scanned again from another side",
        ("let it pass", "brighten it until it is white and let it pass", "judge by the owner"),
        "What cannot be judged has not been cleared; another angle or a search settles it.",
    ),
    Basic(
        "compressed-gas",
        "By which form is a gas cartridge known?",
        "a metal cylinder with a narrowing neck",
        ("a flat rectangle", "a ring", "a cloud without an edge"),
        "Pressure asks for a round metal wall and a valve, which show as a sharp cylinder with a neck.",
    ),
    Basic(
        "clothes-soft",
        "How do clothes show?",
        "as wide, faint shapes in light orange",
        ("as black rings", "as sharp blue lines", "they cannot be told from steel"),
        "Cloth is thin and light, so it weakens the beam a little over a wide area.",
    ),
    Basic(
        "scatter",
        "Backscatter scanners record radiation that does what?",
        "comes back from the bag towards the source",
        ("passes straight through", "comes from the screener", "was stored in the bag"),
        "Light elements throw much of the beam back, and a detector on the source's side records it.",
    ),
    Basic(
        "ct-slices",
        "What does computed tomography add to plain views?",
        "cross-sections computed from many angles",
        ("smells", "the weight of the owner", "natural colours"),
        "From projections all around, the weakening at every point is computed, and depth is recovered.",
    ),
    Basic(
        "dose-food",
        "Does food become radioactive in a baggage scanner?",
        "no",
        ("yes",),
        "The energies used are far too low to change atomic nuclei.",
    ),
    Basic(
        "tip",
        "What is threat image projection for?",
        "keeping screeners alert and measuring their hit rate",
        ("cooling the detectors", "printing labels", "making the belt move"),
        "Images of threats are mixed into the stream now and then, and it is recorded whether they are found.",
    ),
)
"""At least as many as a dialogue of each kind of bag needs to vary; all are common knowledge of the field."""
