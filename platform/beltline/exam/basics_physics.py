"""Facts of X-ray screening, part 1: how radiation is made, weakened and measured, and what two energies tell.

Plain data in our own words: key, sentence with its alternatives in braces (the first is right, the others are wrong), source. basics.py
makes questions of them. Keys that a lesson has as well (language/basics.py) are never asked in an exam.
"""

from typing import Final

ATTIX: Final = "Attix, Introduction to Radiological Physics and Radiation Dosimetry, 1986"
KNOLL: Final = "Knoll, Radiation Detection and Measurement, 4th ed., 2010"
XCOM: Final = "NIST XCOM, photon cross sections database"
ESTAR: Final = "NIST, X-ray mass attenuation coefficients (NISTIR 5632)"
ICRP: Final = "ICRP Publication 103, 2007"
BUSHBERG: Final = "Bushberg et al., The Essential Physics of Medical Imaging, 3rd ed., 2012"
ALVAREZ: Final = "Alvarez and Macovski, Energy-selective reconstructions in X-ray computerised tomography, 1976"
ONE_3: Final = "MMXray and OneFocus, section 3.1, equations 1 to 4"

PHYSICS: Final[tuple[tuple[str, str, str], ...]] = (
    ("law-exponential", "The share of radiation that passes a uniform plate falls {exponentially|linearly|with the square root} as the plate gets thicker.", ATTIX),
    ("layers-add", "For a narrow beam of one energy, the optical depths of two layers behind each other are {added|multiplied|averaged}.", ATTIX),
    ("transmission-product", "For a narrow beam of one energy, the transmissions of two layers behind each other are {multiplied|added|subtracted}.", ATTIX),
    ("depth-logarithm", "Optical depth is the negative {logarithm|square|reciprocal} of the transmission.", ATTIX),
    ("half-value", "Two half-value layers let {a quarter|a half|none} of a narrow beam of one energy through.", ATTIX),
    ("three-half-values", "Three half-value layers let {an eighth|a sixth|a third} of a narrow beam of one energy through.", ATTIX),
    ("mass-coefficient-unit", "The mass attenuation coefficient may be given in {square centimetres per gram|grams per square centimetre|grams per cubic centimetre}.", ESTAR),
    ("linear-from-mass", "The linear attenuation coefficient is the mass attenuation coefficient times the {density|thickness|temperature}.", ATTIX),
    ("photoelectric-number", "The photoelectric effect depends on the atomic number {very strongly|hardly at all|only through the density}.", KNOLL),
    ("photoelectric-energy", "Between absorption edges, the photoelectric cross section {falls steeply|rises steeply|stays constant} as the photon energy grows.", XCOM),
    ("photoelectric-absorbs", "In the photoelectric effect the photon {disappears|changes only its direction|splits into two photons}.", KNOLL),
    ("compton-electrons", "Compton scattering per gram is nearly the same for most elements because the number of {electrons|neutrons|isotopes} per gram is.", ATTIX),
    ("compton-energy-loss", "A photon that is Compton scattered by a large angle leaves with {less|more|exactly the same} energy.", KNOLL),
    ("compton-back-limit", "A high-energy photon scattered straight back keeps at most about {256|511|1022} keV.", KNOLL),
    ("water-dominant", "In water at 100 keV most interactions are {Compton scattering|photoelectric absorption|pair production}.", XCOM),
    ("lead-dominant", "In lead at 100 keV most interactions are {photoelectric absorption|Compton scattering|pair production}.", XCOM),
    ("pair-threshold", "Pair production needs a photon of at least {1.022 MeV|102 keV|10.2 MeV}.", KNOLL),
    ("pair-baggage", "Pair production is {impossible|the main process|as frequent as scattering} at the energies of a 160 kV screening tube.", KNOLL),
    ("k-edge-lead", "The K edge of lead lies near {88|33|7} keV.", XCOM),
    ("k-edge-iodine", "The K edge of iodine lies near {33|88|150} keV.", XCOM),
    ("k-edge-jump", "Just above the K edge of an element its attenuation is {higher|lower|the same} compared with just below.", XCOM),
    ("tube-maximum", "The highest photon energy of a tube at 160 kV is {160|80|320} keV.", KNOLL),
    ("tube-continuous", "The bremsstrahlung of an X-ray tube has {a continuous spectrum|a single energy|two equal lines}.", KNOLL),
    ("tube-characteristic", "The sharp lines in a tube's spectrum depend on the {anode material|window thickness|tube current}.", KNOLL),
    ("tube-current", "Doubling the tube current at the same voltage doubles the {number of photons|highest energy|mean energy}.", BUSHBERG),
    ("tube-voltage", "Raising the tube voltage makes the beam {more penetrating|less penetrating|monochromatic}.", BUSHBERG),
    ("tube-anode", "Tubes for radiography usually have an anode of {tungsten|aluminium|carbon}.", BUSHBERG),
    ("tube-efficiency", "Most of the energy of the electrons in an X-ray tube becomes {heat|X-rays|visible light}.", BUSHBERG),
    ("tube-off", "An X-ray tube whose high voltage is switched off emits {no X-rays|X-rays for some hours|X-rays at half the energy}.", BUSHBERG),
    ("filter-hardens", "A metal filter at the tube's window removes mostly the {low|high|middle} energies of the beam.", BUSHBERG),
    ("beam-hardening", "On its way through matter a beam with many energies gets a {higher|lower|constant} mean energy.", BUSHBERG),
    ("hardening-thick", "Because of beam hardening a thick object has a {smaller|larger|negative} attenuation per centimetre than a thin one of the same material.", BUSHBERG),
    ("inverse-square", "At twice the distance from a small source in air the intensity is {a quarter|a half|an eighth}.", ATTIX),
    ("scatter", "Scattered radiation that reaches a detector {lowers|raises|does not touch} the contrast of a projection.", BUSHBERG),
    ("collimator-use", "A narrow slit collimator in a belt scanner keeps {scattered radiation|the conveyor noise|visible light} away from the image.", BUSHBERG),
    ("scintillator", "A scintillator turns X-rays into {visible light|sound|heat alone}, which a photodiode can measure.", KNOLL),
    ("caesium-iodide", "Caesium iodide doped with thallium is {a scintillator|a tube anode|a neutron source}.", KNOLL),
    ("poisson", "The number of photons counted in a pixel varies like a {Poisson|uniform|binary} variable.", KNOLL),
    ("noise-root", "Four times as many photons make the relative counting noise {half|a quarter|twice} as large.", KNOLL),
    ("noise-mean", "A pixel in which 10,000 photons are expected varies by about {100|1,000|10} photons, one standard deviation.", KNOLL),
    ("dual-two-numbers", "Two energies allow density and {effective atomic number|temperature|electric charge} to be told apart.", ALVAREZ),
    ("dual-basis", "Alvarez and Macovski describe attenuation by two parts, photoelectric absorption and {Compton scattering|pair production|fluorescence}.", ALVAREZ),
    ("dual-single-fails", "With one energy, a thin steel sheet and a thick block of plastic can have {the same grey value|the same atomic number|the same mass}.", ALVAREZ),
    ("dual-ratio-metal", "Of iron, water and polyethylene, the ratio of the optical depth at low energy to that at high energy is largest for {iron|water|polyethylene}.", XCOM),
    ("dual-ratio-thickness", "For ideal single energies, the ratio of the two optical depths {does not depend|depends linearly|depends exponentially} on the thickness of a uniform object.", ATTIX),
    ("two-energies", "Many belt scanners measure two energies with {two detector layers|two belts|two cameras for visible light} behind each other.", BUSHBERG),
    ("sandwich-front", "In a sandwich detector the front layer answers mostly to the {low|high|scattered} energies.", BUSHBERG),
    ("sandwich-filter", "A copper sheet between the layers of a sandwich detector makes the second layer see a {harder|softer|weaker but otherwise equal} beam.", BUSHBERG),
    ("zeff-water", "The effective atomic number of water in the photoelectric range is about {7.4|1.0|18}.", ATTIX),
    ("z-aluminium", "Aluminium has the atomic number {13|26|29}.", XCOM),
    ("z-iron", "Iron has the atomic number {26|13|82}.", XCOM),
    ("z-copper", "Copper has the atomic number {29|26|13}.", XCOM),
    ("z-lead", "Lead has the atomic number {82|50|29}.", XCOM),
    ("density-aluminium", "Aluminium has about {2.7|7.9|11.3} grams per cubic centimetre.", ESTAR),
    ("density-iron", "Iron has about {7.9|2.7|1.0} grams per cubic centimetre.", ESTAR),
    ("density-lead", "Lead has about {11.3|7.9|2.7} grams per cubic centimetre.", ESTAR),
    ("iron-aluminium", "A millimetre of iron weakens a 100 keV beam {more|less|exactly as much} compared with a millimetre of aluminium.", XCOM),
    ("fusion-depth", "Inserting an item into a scan in a physically consistent way means {multiplying transmissions|adding grey values|taking the brighter pixel} where both overlap.", ONE_3),
    ("fusion-darkens", "Where an item is fused into a scan by the attenuation law, no pixel becomes {brighter|darker|smaller}.", ONE_3),
    ("white-neutral", "Fusing an item's white surroundings, of transmission one, into a scan {changes nothing|brightens the scan|darkens the scan}.", ONE_3),
    ("xray-wavelength", "X-rays have {shorter|longer|the same} wavelengths compared with visible light.", KNOLL),
    ("xray-uncharged", "X-ray photons carry {no|a positive|a negative} electric charge.", KNOLL),
    ("energy-unit", "One electronvolt is the energy of an electron that has passed a potential difference of one {volt|ampere|watt}.", KNOLL),
    ("gray-unit", "One gray is one joule per {kilogram|square metre|second}.", ICRP),
    ("sievert-effective", "Effective dose is given in {sievert|becquerel|kelvin}.", ICRP),
    ("xray-weight", "The radiation weighting factor of X-rays is {1|5|20}.", ICRP),
    ("public-limit", "The recommended limit for members of the public is {1|20|100} millisievert a year from planned exposures.", ICRP),
    ("worker-limit", "The recommended limit for workers is {20|1|500} millisievert a year, averaged over five years.", ICRP),
    ("alara", "Optimisation of protection keeps doses as low as {reasonably achievable|technically possible at any price|the detector can measure}.", ICRP),
    ("dose-food", "X-rays of a belt scanner leave the scanned goods {without radioactivity|radioactive for a day|radioactive for a year}.", KNOLL),
)  # fmt: skip
