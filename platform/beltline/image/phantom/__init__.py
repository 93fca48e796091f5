"""Virtual bags: solids, materials, packing, two projections, exact truth."""
