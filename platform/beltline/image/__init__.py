"""How a scan comes to be: attenuation, placement, cut-outs, virtual bags, cleaning."""
