"""The promptable segmenter, with tiny models made from their configuration: the interface, not the quality of masks."""

import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from transformers import BertConfig, Sam2Config, Sam2Model, SamConfig, SamModel

from actors.segmenter import PromptableSegmenter
from beltline import masks, pixels
from beltline.boxes import iou
from beltline.image.cutouts import cutouts_of
from beltline.language.weights import digest
from beltline.scan import Item, Scan
from beltline.store import Store
from jobs import curate
from jobs.__main__ import parser
from jobs.options import read_common
from tests.made import version_of

pytestmark = pytest.mark.learning


def tiny_sam():
    vision = {
        "hidden_size": 16, "output_channels": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 64,
        "patch_size": 8, "mlp_dim": 32, "window_size": 4, "global_attn_indexes": [1], "num_pos_feats": 8,
    }  # fmt: skip
    prompt = {"hidden_size": 16, "image_size": 64, "patch_size": 8, "mask_input_channels": 4}
    decoder = {
        "hidden_size": 16,
        "mlp_dim": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "iou_head_hidden_dim": 16,
    }
    return SamModel(SamConfig(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder))


def tiny_sam2():
    backbone = {
        "model_type": "sam2_hiera_det_model", "hidden_size": 8, "num_attention_heads": 1, "image_size": [64, 64],
        "blocks_per_stage": [1, 1, 2, 1], "embed_dim_per_stage": [8, 16, 32, 64], "num_attention_heads_per_stage": [1, 2, 4, 8],
        "window_size_per_stage": [8, 4, 4, 4], "global_attention_blocks": [3], "window_positional_embedding_background_size": [4, 4],
    }  # fmt: skip
    vision = {
        "backbone_config": backbone, "backbone_channel_list": [64, 32, 16, 8], "fpn_hidden_size": 32,
        "backbone_feature_sizes": [[16, 16], [8, 8], [4, 4]],
    }  # fmt: skip
    prompt = {"hidden_size": 32, "image_size": 64, "mask_input_channels": 4}
    decoder = {
        "hidden_size": 32,
        "mlp_dim": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "iou_head_hidden_dim": 32,
    }
    return Sam2Model(Sam2Config(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=decoder))


@pytest.fixture(params=[tiny_sam, tiny_sam2], ids=["sam", "sam2"])
def weights(request, tmp_path):
    torch.manual_seed(0)
    request.param().save_pretrained(tmp_path)
    return str(tmp_path)


RGB = np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
BOXES = np.array([[5, 5, 40, 30], [20.5, 10.2, 80, 55], [0, 0, 90, 60]])


def test_no_boxes_no_masks(weights):
    assert PromptableSegmenter(weights)(RGB, np.zeros((0, 4))).shape == (0, 60, 90)


def test_masks_have_the_scans_size_and_stay_in_their_boxes(weights):
    found = PromptableSegmenter(weights)(RGB, BOXES)
    assert found.shape == (3, 60, 90) and found.dtype == bool
    outside = np.ones((60, 90), bool)
    outside[5:30, 5:40] = False
    assert not found[0][outside].any()
    assert not found[1][:10].any() and not found[1][:, :20].any()


def test_a_loaded_folder_answers_the_same_every_time(weights):
    first = PromptableSegmenter(weights)(RGB, BOXES)
    assert (PromptableSegmenter(weights)(RGB, BOXES) == first).all()
    assert first.any(), "masks without a pixel would make this test say nothing"


def test_more_boxes_than_one_batch_keep_their_order(weights):
    segmenter = PromptableSegmenter(weights)
    many = np.tile(BOXES, (15, 1))
    together = segmenter(RGB, many)
    assert together.shape[0] == 45
    alone = np.tile(segmenter(RGB, BOXES), (15, 1, 1))
    assert (together != alone).mean() < 0.001  # torch may sum a batch of another size in another order


class BoxPainter:
    """Stands in for a model that sees its prompts perfectly: the answer to a box is the box."""

    def get_image_embeddings(self, pixel_values):
        assert pixel_values.shape == (1, 3, 64, 64)
        return pixel_values

    def __call__(self, image_embeddings, input_boxes, multimask_output):
        places = torch.arange(64) + 0.5
        x0, y0, x1, y1 = (input_boxes[0, :, edge, None, None] for edge in range(4))
        inside = (
            (places[None, None] > x0)
            & (places[None, None] < x1)
            & (places[None, :, None] > y0)
            & (places[None, :, None] < y1)
        )
        return SimpleNamespace(pred_masks=torch.where(inside, 1.0, -1.0)[None, :, None])


@pytest.mark.parametrize("shape", [(60, 90), (200, 120)])
def test_prompts_and_answers_are_in_the_scans_pixels(weights, shape):
    """Longer sides both ways: swapped axes, forgotten padding or a wrong scale would move the answer off the box."""
    segmenter = PromptableSegmenter(weights)
    segmenter._model = BoxPainter()
    box = np.array([[shape[1] * 0.25, shape[0] * 0.25, shape[1] * 0.75, shape[0] * 0.5]])
    (mask,) = segmenter(np.zeros((*shape, 3), np.uint8), box)
    assert iou([masks.bounds(mask)], box)[0, 0] > 0.9


def test_it_serves_as_the_segmenter_of_cutouts(weights):
    view = pixels.make_view(RGB, "a.png")
    item = Item(item=0, category="gun", top_xyxy=(0, 0, 90, 60))
    scan = Scan(id=1, group="g", source="s", source_id="1", licence="CC0-1.0", top=view, items=(item,))
    segmenter = PromptableSegmenter(weights)
    expected = segmenter(RGB, np.array([[0, 0, 90, 60]]))[0].sum()
    (cut,) = cutouts_of(scan, segmenter)
    assert sum(cut.items[0].top_mask[1::2]) == expected


def test_a_job_cuts_out_with_named_weights_and_names_them_by_content(weights, tmp_path):
    view = pixels.make_view(RGB, "a.png")
    item = Item(item=0, category="gun", top_xyxy=(0, 0, 90, 60))
    scan = Scan(id=1, group="g", source="s", source_id="1", licence="CC0-1.0", top=view, items=(item,))
    store = Store(str(tmp_path / "store"))
    version_of(store, [scan], "scans")
    args = parser().parse_args(f"curate --recipe cutouts --input scans --output cuts --segmenter {weights}".split())
    options = replace(read_common(args), store=store)
    work = curate.prepare(options, args)
    (stage,) = work.stages("")
    assert stage.on == "actors"
    (cut,) = cutouts_of(scan, PromptableSegmenter(weights))
    assert stage.make(**stage.kwargs).make(cut.id, {"scan": 1, "item": 0}) == cut
    moved = shutil.copytree(weights, tmp_path / "moved")
    assert digest(moved)[:16] == work.recipe["segmenter"]
    (moved / "config.json").write_text((moved / "config.json").read_text() + " ")
    assert digest(moved)[:16] != work.recipe["segmenter"]


@pytest.mark.parametrize(
    ("recipe", "folder", "message"),
    [("backgrounds", ".", "cuts nothing out"), ("cutouts", "nowhere", "found no folder")],
)
def test_weights_that_serve_nothing_stop_the_command(tmp_path, recipe, folder, message):
    store = Store(str(tmp_path / "store"))
    version_of(store, [], "scans")
    words = f"curate --recipe {recipe} --input scans --output cuts --segmenter {tmp_path / folder}"
    args = parser().parse_args(words.split())
    with pytest.raises(ValueError, match=message):
        curate.prepare(replace(read_common(args), store=store), args)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"expected a folder with config\.json .* found none at .*nowhere"):
        PromptableSegmenter(str(tmp_path / "nowhere"))


def test_another_kind_of_model_is_refused(tmp_path):
    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"expected a model of type sam, sam_hq, sam2 .* found bert"):
        PromptableSegmenter(str(tmp_path))
