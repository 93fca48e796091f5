"""Virtual bags: solids, materials, packing, two projections, exact truth.

from beltline.image.phantom import RECIPES, make_scan, plan

scan = make_scan(RECIPES["everyday"], row_id=7)     # both views, boxes, masks, visible fractions, poses
plan(RECIPES["everyday"], row_id=7)                 # its categories, without making it
"""

from beltline.image.phantom.bags import make_scan
from beltline.image.phantom.recipes import RECIPES, BagRecipe, plan

__all__ = ["RECIPES", "BagRecipe", "make_scan", "plan"]
