"""The categories of both papers and of every public set: one canonical name each, and the aliases that lead to it.

Canonical names are lower-case English words, as a caption would use them.
"""

MMXRAY = (
    "mobile phone", "power bank", "handcuffs", "axe", "scissors", "baton", "bullet", "hammer", "gun", "metal handle cleaver",
    "plastic handle cleaver", "pliers", "compressed gas", "columnar block battery", "plastic bottle liquid",
    "glass bottle liquid", "metal bottle liquid", "unfolding knife", "folding knife", "straight knife", "utility knife",
    "multi-tool knife", "plastic handle knife", "metal handle knife", "plastic lighter", "laptop", "grenade", "fireworks",
)  # fmt: skip
"""MMXray's 28 categories, in the order of One, Table 1."""

DUAL = (
    "mobile phone", "orange liquid", "portable charger 1", "portable charger 2", "laptop", "green liquid", "tablet",
    "blue liquid", "columnar orange liquid", "nonmetallic lighter", "umbrella", "columnar green liquid",
)  # fmt: skip
"""DualXrayBench's 12 categories, in the order of Dual, Table 2 (LDXray's files have another order: map by name)."""
