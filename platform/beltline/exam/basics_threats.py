"""Facts of X-ray screening, part 3: how articles look, the people and rules at the belt, and the public sets of scans.

Plain data as in basics_physics.py: key, sentence with its alternatives (the first is right), source. `LOOKS` says of MMXray's categories
by what each is recognised: questions offer the four kinds of a group of like kinds, so every word of a look must tell it from those.
"""

from typing import Final

from beltline.exam.basics_imaging import GREEN, MERY

TSA: Final = "TSA, public pages on what passengers may bring"
DHS: Final = "US DHS and National Academies, fact sheet on improvised explosive devices"
MEYER: Final = "Meyer, Koehler and Homburg, Explosives, 6th ed., 2007"
HEARD: Final = "Heard, Handbook of Firearms and Ballistics, 2nd ed., 2008"
SSG_55: Final = "IAEA Safety Standards SSG-55, X-ray generators used for inspection, 2020"
EU: Final = "Commission Implementing Regulation (EU) 2015/1998"
IATA: Final = "ICAO Technical Instructions, provisions for passengers and crew"
WOLFE: Final = "Wolfe et al., Rare items often missed in visual searches, Nature, 2005"
SCHWANINGER: Final = "Schwaninger et al., studies on X-ray screener performance, 2004 to 2010"
MACKWORTH: Final = "Mackworth, The breakdown of vigilance during prolonged visual search, 1948"
SIXRAY: Final = "Miao et al., SIXray, CVPR 2019"
OPIXRAY: Final = "Wei et al., OPIXray, ACM Multimedia 2020"
PIDRAY: Final = "Wang et al., PIDray, ICCV 2021"
HIXRAY: Final = "Tao et al., HiXray, ICCV 2021"
GDXRAY: Final = "Mery et al., GDXray, 2015"
DUAL_2: Final = "DualXrayBench, section 3 and table 2"
ONE: Final = "MMXray and OneFocus, section 3 and table 1"
ONE_D: Final = "MMXray and OneFocus, appendix D"

THREATS: Final[tuple[tuple[str, str, str], ...]] = (
    ("knife-edge-on", "A blade that stands with its flat side along the beam appears as a {thin dark line|wide pale area|bright spot}.", MERY),
    ("ceramic-knife", "A knife with a ceramic blade is found by {X-ray imaging|a metal detector|a magnet} more readily than by the two other means.", MERY),
    ("wood-handle", "A wooden handle on a steel tool is drawn {orange|blue|black} in the usual palette.", MERY),
    ("gun-parts", "A disassembled handgun is recognised above all by {its dense single parts|its smell|its outer colour}.", MERY),
    ("gun-end-on", "A handgun is hardest to recognise when seen {end on|from its side|at full length}.", SCHWANINGER),
    ("bullet-dense", "The core of common rifle bullets is of {lead or steel|paper|magnesium}.", HEARD),
    ("liquid-bottle", "Water in a plastic bottle is drawn {orange|blue|black} in the usual palette, when the bottle is not too thick.", MERY),
    ("liquid-level", "A partly filled bottle lying in a tray shows its liquid level in a {side|top|mirrored} view.", MERY),
    ("battery-cells", "Cylindrical cells lying in a power bank show as {rows of like dark strips|one bright ring|a single orange cloud}.", MERY),
    ("laptop-layers", "A laptop hides things because its {layers of circuits and cells are dense|cover is dark to the eye|screen glows}.", MERY),
    ("laptop-apart", "Taking laptops out of a bag reduces {overlap|dose to the staff|the number of trays}.", SCHWANINGER),
    ("compressed-gas", "A pressurised steel canister shows {a dark rim and a rounded end|a sharp tip|loose strands}.", MERY),
    ("scissors-pivot", "Closed scissors are recognised by a {pivot and two loops|single tube|grid of cells}.", MERY),
    ("handcuffs-rings", "Handcuffs are recognised by {two rings joined by a short link|one long rod|a flat rectangle}.", MERY),
    ("clothes-soft", "Folded clothes are drawn as {pale orange areas with soft edges|dark blue areas with hard edges|black discs}.", MERY),
    ("explosive-density", "Most military explosives have a density {above that of water|below that of cork|above that of lead}.", MEYER),
    ("explosive-elements", "Common high explosives consist mainly of carbon, hydrogen, oxygen and {nitrogen|iron|lead}.", MEYER),
    ("explosive-organic", "In dual-energy images plastic explosive has the colour of {organic matter|metal|opaque areas}.", MERY),
    ("explosive-alike", "By its effective atomic number alone, plastic explosive resembles {many foods|steel tools|copper wire}.", MERY),
    ("detonator", "A metal detonator is seen as a {small dense tube with wires|wide pale sheet|transparent ring}.", MERY),
    ("ied-parts", "Screeners are taught to look for a power source, a switch, an initiator and {an explosive charge|a magnet|a lens}.", DHS),
    ("opaque-action", "A dense area that no display setting can look into calls for {another view or a hand search|a faster belt|a brighter room}.", EU),
    ("superposition", "Recognition suffers when the threat is {covered by other objects|alone in the tray|large and near the detector}.", SCHWANINGER),
    ("view-difficulty", "Schwaninger's three image factors are view difficulty, superposition and {bag complexity|belt speed|room light}.", SCHWANINGER),
    ("prevalence", "When targets are rare, searchers {miss more of them|find all of them|see them faster}.", WOLFE),
    ("vigilance", "During long watches the detection of rare signals {declines|improves|stays perfect}.", MACKWORTH),
    ("screener-breaks", "Under the EU rules an operator looks at X-ray images without a break for no more than {20 minutes|2 hours|6 hours}.", EU),
    ("tip", "Threat image projection inserts {images of fictional threats|radioactive sources|advertisements} into the stream of real bags.", EU),
    ("tip-feedback", "When an operator reacts to a projected threat, the machine tells that the image was {artificial|a real threat|out of date}.", EU),
    ("liquids-100", "In the rule for cabin bags long in force, each liquid container holds at most {100|250|500} millilitres.", TSA),
    ("liquids-bag", "Where containers of liquids are limited to 100 millilitres, the containers go into a transparent bag of about {one litre|five litres|ten litres}.", EU),
    ("powerbank-cabin", "Spare lithium batteries and power banks belong in {cabin baggage|checked baggage|a mailed parcel}.", IATA),
    ("powerbank-100", "Lithium-ion batteries of passengers need the airline's approval from more than {100|10|1,000} watt-hours on.", IATA),
    ("fireworks-forbidden", "Fireworks are {forbidden in both cabin and checked baggage|allowed in checked baggage|allowed in the cabin}.", TSA),
    ("ammunition", "In the United States ammunition is {forbidden in the cabin|allowed in the cabin up to ten rounds|allowed in any pocket}.", TSA),
    ("false-alarm-cost", "A false alarm at the belt costs {time for a second check|a missed threat|a higher dose to passengers}.", GREEN),
    ("miss", "A threat that an operator lets pass is called a {miss|false alarm|correct rejection}.", GREEN),
    ("correct-rejection", "A harmless bag that is cleared is a {correct rejection|miss|hit}.", GREEN),
    ("cabinet-shield", "The lead curtains of a belt scanner keep {scattered radiation|light|dust} inside.", SSG_55),
    ("time-distance", "The three basic means against external radiation are time, distance and {shielding|temperature|colour}.", SSG_55),
    ("interlock", "A safety interlock switches the {X-rays off when a panel is opened|belt on when a bag is lifted|lights off at night}.", SSG_55),
    ("sixray-classes", "SIXray's annotated classes are gun, knife, wrench, pliers, scissors and {hammer|laptop|bottle}.", SIXRAY),
    ("sixray-rare", "In SIXray the images with prohibited items are {fewer than 1 in 100|about 1 in 2|nearly all}.", SIXRAY),
    ("opixray-cutters", "OPIXray is a set of {cutters|liquids|firearms}.", OPIXRAY),
    ("opixray-levels", "OPIXray divides its test images into levels of {occlusion|dose|age}.", OPIXRAY),
    ("pidray-hidden", "PIDray's test set has an easy, a hard and a {hidden|nightly|coloured} part.", PIDRAY),
    ("pidray-twelve", "PIDray has {12|3|80} categories.", PIDRAY),
    ("hixray-eight", "HiXray has {8|28|2} categories.", HIXRAY),
    ("gdxray-groups", "GDXray's groups are castings, welds, baggage, nature and {settings|people|liquids}.", GDXRAY),
    ("gdxray-grey", "GDXray consists of {grey-value|pseudo-coloured|three-dimensional} images.", GDXRAY),
    ("mmxray-28", "MMXray has {28|12|80} categories.", ONE),
    ("mmxray-knives", "Among MMXray's categories the most numerous family is that of {knives|phones|tools for writing}.", ONE),
    ("mmxray-six", "MMXray's exam has {six|two|eleven} types of question.", ONE_D),
    ("mmxray-no", "In the exam of MMXray's paper the answer No to misleading questions is right in {fewer than half|all|nine of ten} of them.", ONE_D),
    ("dual-12", "DualXrayBench has {12|28|100} categories.", DUAL_2),
    ("dual-phones", "The most frequent category of DualXrayBench's corpus is the {mobile phone|umbrella|laptop}.", DUAL_2),
    ("dual-eight", "DualXrayBench has {eight|two|thirty} tasks.", DUAL_2),
)  # fmt: skip

LOOKS: Final[dict[str, tuple[str, ...]]] = {
    "unfolding knife": ("a blade swung out of its handle on a rivet", "an opened pocket blade with its joint in between"),
    "straight knife": ("a fixed blade with a grip of no special material", "a one-piece stiff blade and grip without a joint"),
    "plastic handle knife": ("a steel blade behind a grip drawn in organic orange", "a dark blade whose grip is of light polymer"),
    "metal handle knife": ("blade and grip both in the blue of steel", "an all-steel cutting tool for the table, grip included"),
    "folding knife": ("a blade lying inside its own grip", "a pivoted edge tucked away between two scales"),
    "utility knife": ("a sleeve with a snap-off blade strip", "a slim case with a sliding, scored blade"),
    "multi-tool knife": ("several stacked blades and tools on one axle", "a bundle of small implements folded side by side"),
    "plastic lighter": ("a small upright tank of fuel with a metal cap and wheel", "a pocket-sized reservoir below a spark wheel"),
    "metal handle cleaver": ("a broad rectangular blade with a grip of steel", "a chopper that is metal from end to end"),
    "plastic handle cleaver": ("a broad rectangular blade with a grip of polymer", "a chopper whose grip is drawn in orange"),
    "axe": ("a wedge-shaped head with a cutting edge across a long shaft", "a wide edge set at right angles to a shaft"),
    "hammer": ("a short blunt block across the end of a shaft", "a striking head without any edge on a shaft"),
    "plastic bottle liquid": ("a filled vessel with thin polymer walls", "an orange body of drink without a dense wall"),
    "glass bottle liquid": ("a filled vessel with walls in the green of silicate", "a drink behind thick, brittle, transparent walls"),
    "metal bottle liquid": ("a filled vessel with blue or black walls and no valve", "a drink inside a steel flask"),
    "compressed gas": ("a thick-walled vessel with a valve and an empty inside", "a pressurised canister with domed ends"),
    "mobile phone": ("a palm-sized slab with screen, camera and one flat cell", "a thin handset with circuits around its cell"),
    "power bank": ("a palm-sized case almost wholly filled with cells", "a case of cells with one small circuit at its end"),
    "laptop": ("a book-sized slab with keyboard, hinge and several cells", "a hinged computer with fan and drive"),
    "columnar block battery": ("loose dense cylinders without a case", "a stack of bare cylindrical cells"),
    "pliers": ("two crossed levers with short jaws", "a gripping tool with a pivot close to blunt jaws"),
    "handcuffs": ("two toothed rings joined by a link", "a pair of ratchet loops with a short chain"),
    "baton": ("a long telescopic rod", "nested tubes in one straight stick"),
    "scissors": ("two pointed blades and two finger loops", "crossed blades that end in loops"),
    "gun": ("a barrel at an angle to a grip, with trigger and magazine", "a slide over a grip with a trigger guard"),
    "grenade": ("a palm-sized egg with a lever and a pin", "a rounded shell with a fuze on top and a safety lever"),
    "bullet": ("a finger-sized dense tip in a small brass case", "a small cartridge with primer and pointed core"),
    "fireworks": ("paper tubes packed with powder, tied together by a fuse", "cardboard rolls of pyrotechnic mixture"),
}  # fmt: skip
"""What an article is recognised by, in words that do not name it."""
