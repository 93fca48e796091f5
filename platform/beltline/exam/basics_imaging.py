"""Facts of X-ray screening, part 2: pictures, palettes, several views, tomography, image quality and figures of merit.

Plain data as in basics_physics.py: key, sentence with its alternatives (the first is right), source.
"""

from typing import Final

from beltline.exam.basics_physics import ALVAREZ, ATTIX, BUSHBERG, ONE_3, XCOM

MERY: Final = "Mery and Pieringer, Computer Vision for X-Ray Testing, 2nd ed., 2021"
KAK: Final = "Kak and Slaney, Principles of Computerized Tomographic Imaging, 1988"
GONZALEZ: Final = "Gonzalez and Woods, Digital Image Processing, 4th ed., 2018"
HARTLEY: Final = "Hartley and Zisserman, Multiple View Geometry, 2nd ed., 2003"
F792: Final = "ASTM F792, imaging performance of security X-ray systems"
GREEN: Final = "Green and Swets, Signal Detection Theory and Psychophysics, 1966"
COCO: Final = "Lin et al., Microsoft COCO: common objects in context, 2014"
VOC: Final = "Everingham et al., The PASCAL Visual Object Classes challenge, 2010"
BLEU: Final = "Papineni et al., BLEU: a method for automatic evaluation of machine translation, 2002"
ROUGE: Final = "Lin, ROUGE: a package for automatic evaluation of summaries, 2004"
KAPPA: Final = "Cohen, A coefficient of agreement for nominal scales, 1960"
EFRON: Final = "Efron and Tibshirani, An Introduction to the Bootstrap, 1993"
DUAL_3: Final = "DualXrayBench, section 3"
ONE_B: Final = "MMXray and OneFocus, appendix B"

IMAGING: Final[tuple[tuple[str, str, str], ...]] = (
    ("orange-organic", "In the usual palette of dual-energy baggage scanners orange stands for {organic matter|metal|glass}.", MERY),
    ("blue-metal", "In the usual palette of dual-energy baggage scanners blue stands for {metal|organic matter|paper}.", MERY),
    ("green-middle", "In the usual palette green stands for {middling atomic numbers|the lowest atomic numbers|the highest atomic numbers}.", MERY),
    ("black-opaque", "An area that lets next to nothing through is drawn {black or nearly so|white|orange} in the usual palette.", MERY),
    ("white-empty", "Where nothing stands in the beam, the usual display is {white|black|blue}.", MERY),
    ("colour-artificial", "The colours of a baggage scan are {assigned by software|the paint of the objects|an effect of the room's light}.", MERY),
    ("paint-invisible", "Two equal plastic boxes, one red and one green to the eye, look {alike|different in hue|different in size} to a dual-energy scanner.", MERY),
    ("hue-atomic", "In pseudo-colour, hue follows the effective atomic number and brightness mostly the {thickness or mass in the beam|age of the object|speed of the belt}.", MERY),
    ("thicker-darker", "More of the same material in the beam is drawn {darker|brighter|in the complementary colour}.", MERY),
    ("overlap-green", "Organic matter over a thin metal sheet can be drawn {green|white|as an empty area}, as a mixture of both would be.", ALVAREZ),
    ("overlap-darker", "Where two objects overlap, the picture is {darker than with either alone|brighter than with either alone|as bright as the empty belt}.", ATTIX),
    ("sugar-orange", "A bag of sugar is drawn {orange|blue|green} in the usual palette.", MERY),
    ("steel-blue", "A thin steel ruler is drawn {blue|orange|yellow} in the usual palette.", MERY),
    ("glass-colour", "Window glass has an effective atomic number {above that of water|below that of water|equal to that of hydrogen}.", XCOM),
    ("aluminium-colour", "Thin aluminium is usually drawn in the colour of {middling atomic numbers|the lightest organic matter|opaque areas}.", MERY),
    ("ten-colours", "The annotation scheme of MMXray names {ten|three|fifty} colours.", ONE_B),
    ("five-places", "The annotation scheme of MMXray names {five|two|sixteen} coarse places within the container.", ONE_B),
    ("inverse-display", "Inverting the grey values shows dense parts {bright|dark|in motion}.", GONZALEZ),
    ("organic-strip", "An organic-only display {suppresses|emphasises|enlarges} metal.", MERY),
    ("metal-only", "A metal-only display {suppresses|emphasises|reverses} organic matter.", MERY),
    ("high-penetration", "A high-penetration display brings out details in {dark, dense|bright, empty|overexposed} areas.", MERY),
    ("zoom-detail", "Digital zoom beyond the detector's sampling adds {no new detail|finer real detail|the view from the side}.", GONZALEZ),
    ("edge-enhance", "Edge enhancement makes noise {more|less|not at all} visible.", GONZALEZ),
    ("median-filter", "A median filter is well suited to {salt-and-pepper noise|beam hardening|perspective}.", GONZALEZ),
    ("histogram", "Histogram equalisation spreads the grey values that are {most frequent|absent|outside the image}.", GONZALEZ),
    ("line-scan", "A belt scanner builds its picture {line by line as the bag moves|with one flash over the whole bag|by turning the bag}.", MERY),
    ("belt-speed", "If the belt runs faster than the line rate assumes, objects look {shorter|longer|brighter} along the belt.", MERY),
    ("dead-detector", "A dead detector element in a line scanner leaves a {line along the belt|single dot|line across the belt}.", MERY),
    ("flat-field", "Dividing by an image without object corrects for {uneven detector gain|overlapping objects|slow belts}.", MERY),
    ("dark-field", "A dark image, taken with the beam off, corrects for the detector's {offset|spectrum|position}.", MERY),
    ("projection-depth", "A single projection shows {no|exact|relative} order in depth of two overlapping objects.", MERY),
    ("fan-magnify", "In a fan beam an object nearer to the source appears {larger|smaller|darker} than the same object near the detectors.", HARTLEY),
    ("side-view-use", "A second view at right angles shows the {height|colour|age} that the top view cannot.", DUAL_3),
    ("belt-shared", "In scanners with a top and a side view of one belt, an object has the same {position along the belt|area|outline} in both.", DUAL_3),
    ("two-views-overlap", "Two objects that overlap in the top view {may be apart|must overlap|must touch} in the side view.", DUAL_3),
    ("iom", "Intersection over the smaller area is {1|0.5|0} when one box lies wholly inside the other.", DUAL_3),
    ("two-views-point", "Two calibrated views from different directions fix a point in {three|one|four} dimensions.", HARTLEY),
    ("views-silhouette", "A flat plate seen edge on appears as a {narrow dark line|wide faint area|circle}.", MERY),
    ("ct-slices", "Computed tomography reconstructs {cross sections from many projections|one projection from many colours|an image from reflected light}.", KAK),
    ("ct-slice-theorem", "The Fourier transform of a parallel projection is a {line through the centre|ring around the centre|corner} of the object's two-dimensional transform.", KAK),
    ("ct-filter", "Filtered back-projection applies a {ramp|constant|median} filter to each projection.", KAK),
    ("ct-unfiltered", "Back-projection without filtering gives a {blurred|sharper|mirrored} image.", KAK),
    ("ct-half-turn", "For parallel beams, projections over {180|45|720} degrees suffice.", KAK),
    ("ct-hounsfield-water", "On the Hounsfield scale water has the value {0|1000|-1000}.", BUSHBERG),
    ("ct-hounsfield-air", "On the Hounsfield scale air has the value {-1000|0|1000}.", BUSHBERG),
    ("ct-cupping", "Beam hardening makes the middle of a uniform cylinder look {less dense|denser|hollow with a sharp rim} in an uncorrected slice.", KAK),
    ("ct-metal", "Dense metal in a slice causes {streaks|mirror images|a change of scale}.", KAK),
    ("ct-few-views", "Too few projections cause {streaks from aliasing|a larger field of view|a lower noise level}.", KAK),
    ("ct-volume", "A volume lets an operator look at an object {free of overlap|in its real colours|without any noise}.", KAK),
    ("wire-test", "Wire tests for screening machines ask for the {thinnest wire that is visible|longest wire that fits|heaviest wire that is safe}.", F792),
    ("step-wedge", "A step wedge behind which a target is sought tests {penetration|belt speed|colour names}.", F792),
    ("nyquist", "A detail can be sampled without aliasing when there are at least {two|four|ten} samples a period.", GONZALEZ),
    ("mtf", "The modulation transfer function tells how {contrast is kept at each spatial frequency|dose is spread over the bag|colour depends on mass}.", BUSHBERG),
    ("focal-blur", "A larger focal spot makes edges {more blurred|sharper|brighter}, where there is magnification.", BUSHBERG),
    ("snr-dose", "At a fixed beam quality, doubling the dose raises the signal-to-noise ratio by a factor of about {1.4|2|4}.", BUSHBERG),
    ("quantisation", "Eight bits tell {256|8|65,536} grey levels apart.", GONZALEZ),
    ("jpeg-lossy", "Baseline JPEG compression {loses information|is reversible|doubles the resolution}.", GONZALEZ),
    ("png-lossless", "PNG stores pixel values {exactly|approximately|as edges alone}.", GONZALEZ),
    ("iou-half", "Two equal squares of which each covers half of the other have an intersection over union of {1/3|1/2|1/4}.", VOC),
    ("iou-one", "An intersection over union of 1 means that two boxes {coincide|touch|are apart}.", VOC),
    ("ap-area", "Average precision summarises the {precision-recall curve|colour histogram|training time}.", VOC),
    ("ap50", "AP50 accepts a detection from an intersection over union of {0.5|0.05|50} on.", COCO),
    ("coco-average", "The main AP of COCO averages over intersection-over-union thresholds from 0.5 to {0.95|0.75|1.5}.", COCO),
    ("recall", "Recall is the share of {real threats that are found|alarms that are right|bags that are empty}.", GREEN),
    ("precision", "Precision is the share of {alarms that are right|real threats that are found|bags that are opened}.", GREEN),
    ("f1-harmonic", "F1 is the {harmonic|arithmetic|geometric} mean of precision and recall.", VOC),
    ("roc-criterion", "Moving the decision criterion towards more alarms raises hits and {false alarms|correct rejections|missed threats} alike.", GREEN),
    ("roc-chance", "An observer who guesses has an area under the ROC curve of {0.5|0|1}.", GREEN),
    ("dprime-zero", "A sensitivity d' of zero means that signal and noise are {not told apart|always told apart|equally loud}.", GREEN),
    ("base-rate", "When threats are very rare, most alarms of a good but imperfect detector are {false|true|missed threats}.", GREEN),
    ("kappa-zero", "A Cohen's kappa of zero means agreement {at the level of chance|of everyone on everything|on half of the cases}.", KAPPA),
    ("kappa-one", "A Cohen's kappa of one means {full agreement|agreement by chance|full disagreement}.", KAPPA),
    ("bootstrap", "The bootstrap draws samples from the data {with|without} replacement.", EFRON),
    ("bootstrap-cluster", "When several questions are asked of one bag, the bootstrap should draw {bags|questions|letters}.", EFRON),
    ("bleu-precision", "BLEU is built on n-gram {precision|recall|order alone}.", BLEU),
    ("bleu-brevity", "The brevity penalty of BLEU lowers the score of texts that are too {short|long|repetitive}.", BLEU),
    ("rouge-l", "ROUGE-L is built on the longest common {subsequence|word|sentence}.", ROUGE),
    ("physics-order", "A physical synthesis adds optical depths {before|after|instead of} the pseudo-colours are formed.", ONE_3),
)  # fmt: skip
