"""Labels: every name that a public set uses leads to one canonical name; what is unknown is refused with a hint."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beltline.labels import (
    BROADER,
    CATEGORIES,
    COLOURS,
    CONTAINERS,
    DUAL,
    MMXRAY,
    PLACES,
    SETS,
    SOURCE_ALIASES,
    broader,
    canonical,
)
from beltline.verdict import BadRow

AS_WRITTEN = {
    "dvxray": "Gun Knife Wrench Pliers Scissors Lighter Battery Bat Razor_blade Saw_blade Fireworks Hammer Screwdriver "
    "Dart Pressure_vessel",
    "opixray": "Folding_Knife Straight_Knife Scissor Utility_Knife Multi-tool_Knife",
    "hixray": "Portable_Charger_1 Portable_Charger_2 Water Laptop Mobile_Phone Tablet Cosmetic Nonmetallic_Lighter",
    "pidray": "Baton Pliers Hammer Powerbank Scissors Wrench Gun Bullet Sprayer HandCuffs Knife Lighter",
    "sixray": "Gun Knife Wrench Pliers Scissors Hammer",
    "clcxray": "blade dagger knife scissors SwissArmyKnife Cans CartonDrinks GlassBottle PlasticBottle VacuumCup "
    "SprayCans Tin",
    "dualray": "Knife Wrench pliers scissors powerbank lighter",
    "gdxray": "Gun Knife Razor Shuriken",
    "ldxray": "Mobile_Phone Orange_Liquid Charger_Without_Cell Laptop Green_Liquid Charger_With_Cell Tablet Blue_Liquid "
    "Cylindrical_Orange_Liquid Nonmetallic_Lighter Umbrella Cylindrical_Green_Liquid",
    "mmxray": "Mobilephone PowerBank Handcuffs Axe Scissors Baton Bullet Hammer Gun Metalhandlecleaver "
    "Plastichandlecleaver Pliers Compressedgas Columnarblockbattery Plasticbottleliquid Glassbottleliquid "
    "Metalbottleliquid Unfoldingknife Foldingknife Straightknife Utilityknife Multitoolknife Plastichandleknife "
    "Metalhandleknife Plasticlighter Laptop Grenade Fireworks",
}
"""Labels as the sets' files spell them (Razor is a razor blade, Charger_Without_Cell is portable charger 1)."""


@pytest.mark.parametrize("source", AS_WRITTEN)
def test_a_sets_labels_lead_to_its_categories_one_to_one(source: str) -> None:
    found = [canonical(label, source) for label in AS_WRITTEN[source].split()]
    assert sorted(found) == sorted(SETS[source])
    assert len(set(found)) == len(found)


def test_ldxrays_chinese_and_short_names_follow_the_file_order() -> None:
    chinese = "手机 橙色液体 不带电芯充电宝 电脑 绿色液体 带电芯充电宝 平板电脑 蓝色液体 柱状橙色液体 非金属打火机 雨伞 柱状绿色液体"
    short = "MP OL PC1 LA GL PC2 TA BL CO NL UM CG"
    for names in (chinese, short):
        assert tuple(canonical(name, "ldxray") for name in names.split()) == SETS["ldxray"]
    assert set(SETS["ldxray"]) == set(DUAL)


STCRAY_SPELLINGS = {
    "3DGun": "3d printed gun", "3D printed gun": "3d printed gun", "shaving Blade": "shaving blade", "Injection": "syringe",
    "syringe": "syringe", "other sharp items": "other sharp item", "Other_Sharp_Items": "other sharp item",
    "powerbank": "power bank", "bullets": "bullet", "nail cutter": "nail cutter", "Dagger": "dagger", "Blade": "blade",
    "explosive": "explosive", "cutter": "cutter", "shaving Razor": "shaving razor",
}  # fmt: skip


@pytest.mark.parametrize(("label", "name"), STCRAY_SPELLINGS.items())
def test_both_spellings_of_stcray(label: str, name: str) -> None:
    assert canonical(label, "stcray") == name


def test_a_label_may_mean_different_things_in_different_sets() -> None:
    assert (canonical("Razor", "gdxray"), canonical("Razor", "stcray")) == ("razor blade", "shaving razor")
    with pytest.raises(BadRow):
        canonical("MP")  # LDXray's short name means nothing elsewhere


@pytest.mark.parametrize("label", ["", "  ", "submarine", None, 7, ["gun"], "A" * 10_000, "gun; drop", "不"])
def test_what_is_unknown_is_refused(label: object) -> None:
    with pytest.raises(BadRow, match="labels/unknown") as caught:
        canonical(label)
    assert len(caught.value.verdict.detail) < 500


def test_the_hint_names_the_nearest() -> None:
    with pytest.raises(BadRow, match="wrench"):
        canonical("wrnech")


@settings(deadline=None)
@given(st.sampled_from(CATEGORIES), st.sampled_from(" _-"), st.booleans(), st.booleans())
def test_case_separators_and_plural_do_not_matter(name: str, separator: str, upper: bool, plural: bool) -> None:
    label = name.replace(" ", separator) + ("s" if plural and not name.endswith("s") else "")
    assert canonical(label.upper() if upper else label) == name


@settings(deadline=None)
@given(st.text(max_size=40), st.sampled_from([None, *SETS, "somewhere"]))
def test_any_text_is_a_category_or_a_bad_row(label: str, source: str | None) -> None:
    try:
        assert canonical(label, source) in CATEGORIES
    except BadRow as error:
        assert error.verdict.reason == "labels/unknown"


def test_open_sets_keep_names_of_their_own_but_not_second_names_for_ours() -> None:
    assert canonical("Teddy_Bear", "det-compass") == "teddy bear"
    assert canonical("Cell Phone", "det-compass") == "mobile phone"


def test_canonical_names_are_canonical() -> None:
    assert [canonical(name) for name in CATEGORIES] == list(CATEGORIES)
    assert all(name == name.lower().strip() for name in CATEGORIES)
    assert set(MMXRAY) | set(DUAL) <= set(CATEGORIES)
    assert {name for table in SOURCE_ALIASES.values() for name in table.values()} <= set(CATEGORIES)


def test_no_two_names_are_one_thing_spelt_twice() -> None:
    squeezed = sorted("".join(name.split()).rstrip("s") for name in CATEGORIES)
    assert len(set(squeezed)) == len(squeezed)
    near = [
        difflib.get_close_matches(name, [other for other in CATEGORIES if other != name], 1, 0.95)
        for name in CATEGORIES
    ]
    numbered = {"portable charger 1", "portable charger 2"}
    assert {name for names in near for name in names} <= numbered


def test_broader_ends_and_stays_within_the_names() -> None:
    assert broader("columnar orange liquid") == ("columnar orange liquid", "orange liquid", "liquid")
    assert broader("portable charger 1")[1] == "power bank"
    for name in CATEGORIES:
        line = broader(name)
        assert len(set(line)) == len(line) and set(line) <= set(CATEGORIES)
    assert all(name != BROADER[name] for name in BROADER)


def test_the_papers_counts() -> None:
    counts = [len(MMXRAY), len(DUAL), len(COLOURS), len(PLACES), len(SETS["dvxray"]), len(SETS["clcxray"])]
    assert counts == [28, 12, 10, 5, 15, 12]
    assert {"suitcase", "parcel", "plastic box", "metal box"} <= set(CONTAINERS)
