"""What is special about transformers: signatures, params, templates, types of weights, cards, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import transformers

import mlpack.pyfunc
import mlpack.transformers
from mlpack import plugins
from mlpack.errors import InvalidArgument, InvalidPackage, SchemaMismatch
from mlpack.models import get_model_info
from tests.flavors.cases.transformers import CASES, bert, pipeline, tokenizer

WIDE = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}


@pytest.mark.parametrize(
    ("task", "inputs", "outputs"),
    [
        ("text_classification", [None], ["label", "score"]),
        ("zero_shot", ["sequences", "candidate_labels", "hypothesis_template"], ["sequence", "labels", "scores"]),
        ("text_generation", [None], [None]),
    ],
)
def test_a_pipeline_without_an_example_has_the_signature_of_its_task(
    task: str, inputs: list[str | None], outputs: list[str | None], tmp_path: Path
) -> None:
    mlpack.transformers.save_model(CASES[task]().model, tmp_path / "model")
    signature = get_model_info(tmp_path / "model").signature
    assert signature is not None
    names = [[column.name for column in schema.columns] for schema in (signature.inputs, signature.outputs) if schema]
    assert names == [inputs, outputs]


def test_params_go_before_the_configuration(tmp_path: Path) -> None:
    options: dict[str, Any] = {"model_config": {"do_sample": False, "max_new_tokens": 2}}
    model = CASES["text_generation"]().model
    mlpack.transformers.save_model(
        model, tmp_path / "model", input_example=("the cat", {"max_new_tokens": 2}), **options
    )
    loaded = mlpack.pyfunc.load_model(tmp_path / "model")
    short, long = loaded.predict("the cat"), loaded.predict("the cat", {"max_new_tokens": 9})
    assert len(short[0]) < len(long[0])
    assert long[0].startswith("the cat")


def test_spaces_are_made_one_where_the_configuration_says_so(tmp_path: Path) -> None:
    options: dict[str, Any] = {"model_config": {"do_sample": False, "max_new_tokens": 2, "collapse_whitespace": True}}
    mlpack.transformers.save_model(CASES["text_generation"]().model, tmp_path / "model", **options)
    assert "  " not in mlpack.pyfunc.load_model(tmp_path / "model").predict("the   cat")[0]


def test_prompts_go_into_the_template_that_the_package_has(tmp_path: Path) -> None:
    template = {"prompt_template": "a dog ran to {prompt}"}
    options: dict[str, Any] = {"model_config": {"do_sample": False, "max_new_tokens": 1}, "metadata": template}
    mlpack.transformers.save_model(CASES["text_generation"]().model, tmp_path / "model", **options)
    answer = mlpack.pyfunc.load_model(tmp_path / "model").predict("the house")
    assert answer[0].startswith("a dog ran to the house")


@pytest.mark.parametrize("given", [torch.float16, "float16", "torch.float16"])
def test_weights_are_read_in_the_type_that_was_asked_for(given: Any, tmp_path: Path) -> None:
    model = pipeline("fill-mask", bert("BertForMaskedLM"))
    mlpack.transformers.save_model(model, tmp_path / "model", torch_dtype=given)
    assert get_model_info(tmp_path / "model").flavors["transformers"]["torch_dtype"] == "torch.float16"
    assert mlpack.transformers.load_model(tmp_path / "model").model.dtype == torch.float16


def test_several_gaps_have_a_word_each(tmp_path: Path) -> None:
    mlpack.transformers.save_model(pipeline("fill-mask", bert("BertForMaskedLM")), tmp_path / "model")
    answer = mlpack.pyfunc.load_model(tmp_path / "model").predict(
        ["the [MASK] sat on a [MASK] .", "a [MASK] ran [MASK]"]
    )
    assert np.shape(answer) == (2, 2)


def test_labels_may_be_a_list(tmp_path: Path) -> None:
    model = CASES["zero_shot"]().model
    example = {"sequences": "the cat sat", "candidate_labels": ["cat", "dog"], "hypothesis_template": "about {} ."}
    mlpack.transformers.save_model(model, tmp_path / "model", input_example=example)
    answer = mlpack.pyfunc.load_model(tmp_path / "model").predict(example)
    assert sorted(answer["labels"]) == ["cat", "dog"]


def test_the_tokens_of_more_than_one_text_are_refused(tmp_path: Path) -> None:
    mlpack.transformers.save_model(pipeline("feature-extraction", bert("BertModel")), tmp_path / "model")
    with pytest.raises(SchemaMismatch, match="one text"):
        mlpack.pyfunc.load_model(tmp_path / "model").predict(["a dog", "the cat"])


def test_a_table_is_asked(tmp_path: Path) -> None:
    mlpack.transformers.save_model(_table_reader(tmp_path), tmp_path / "model")
    table = {"animal": ["cat", "dog"], "place": ["mat", "house"]}
    asked = pd.DataFrame({"query": ["the dog is on a"], "table": [json.dumps(table)]})
    native = mlpack.transformers.load_model(tmp_path / "model")
    wanted = native(query="the dog is on a", table=table)["answer"].strip()
    assert mlpack.pyfunc.load_model(tmp_path / "model").predict(asked) == [wanted]


def test_a_pipeline_of_another_task_is_saved_to_be_loaded(tmp_path: Path) -> None:
    layers = {"conv_dim": (4,), "conv_kernel": (3,), "conv_stride": (2,), "num_feat_extract_layers": 1}
    config = transformers.Wav2Vec2Config(**WIDE, **layers, num_conv_pos_embeddings=2, num_conv_pos_embedding_groups=1)
    parts = {"model": transformers.Wav2Vec2ForSequenceClassification(config).eval()}
    parts["feature_extractor"] = transformers.Wav2Vec2FeatureExtractor()
    with pytest.warns(UserWarning, match="audio-classification can be loaded, but not asked"):
        mlpack.transformers.save_model(parts, tmp_path / "model", task="audio-classification")
    assert get_model_info(tmp_path / "model").flavors.keys() == {"transformers"}
    sound, native = np.zeros(99, "f4"), mlpack.transformers.load_model(tmp_path / "model")
    assert native(sound) == transformers.pipeline("audio-classification", device="cpu", **parts)(sound)


def test_the_card_and_the_license_go_with_the_model(tmp_path: Path) -> None:
    bert("BertForMaskedLM").save_pretrained(tmp_path / "origin")
    (tmp_path / "origin" / "README.md").write_text("---\nlicense: mit\n---\n# A tiny model\n")
    (tmp_path / "origin" / "LICENSE").write_text("Do as you like.\n")
    parts = {"model": transformers.BertForMaskedLM.from_pretrained(tmp_path / "origin"), "tokenizer": tokenizer()}
    mlpack.transformers.save_model(parts, tmp_path / "model", task="fill-mask")
    assert (tmp_path / "model" / "model_card.md").read_text() == "# A tiny model\n"
    assert (tmp_path / "model" / "model_card_data.yaml").read_text() == "license: mit\n"
    assert (tmp_path / "model" / "LICENSE").read_text() == "Do as you like.\n"


def test_weights_are_safetensors_and_no_pickle_is_written(tmp_path: Path) -> None:
    mlpack.transformers.save_model(pipeline("fill-mask", bert("BertForMaskedLM")), tmp_path / "model")
    suffixes = {file.suffix for file in (tmp_path / "model").rglob("*") if file.is_file()}
    assert ".safetensors" in suffixes
    assert suffixes.isdisjoint({".bin", ".pkl", ".pt", ".pth"})


@pytest.mark.parametrize(
    ("parts", "options", "reason"),
    [
        ({"tokenizer": None}, {"task": "fill-mask"}, "no pipeline"),
        ({"model": "BertForMaskedLM"}, {}, "task"),
        ({"model": "BertForMaskedLM"}, {"task": "fill-masc"}, "fill-masc"),
        ({"model": "BertForMaskedLM"}, {"task": "fill-mask", "torch_dtype": "float17"}, "torch_dtype"),
    ],
)
def test_what_makes_no_pipeline_is_refused(
    parts: dict[str, Any], options: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    given = {"model": bert(parts["model"]), "tokenizer": tokenizer()} if "model" in parts else parts
    with pytest.raises(InvalidArgument, match=reason):
        mlpack.transformers.save_model(given, tmp_path / "model", **options)
    assert not (tmp_path / "model").exists()


def test_a_pipeline_is_not_saved_for_another_task(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="for text-generation, not for llm/v1/chat"):
        mlpack.transformers.save_model(CASES["text_generation"]().model, tmp_path / "model", task="llm/v1/chat")


@pytest.mark.parametrize("named", ["Trainer", "pipeline", "os", "NoSuchModel"])
def test_only_models_of_transformers_are_made(named: str, tmp_path: Path) -> None:
    mlpack.transformers.save_model(pipeline("fill-mask", bert("BertForMaskedLM")), tmp_path / "model")
    section = {**get_model_info(tmp_path / "model").flavors["transformers"], "pipeline_model_type": named}
    with pytest.raises(InvalidPackage, match=f"it needs '{named}'"):
        plugins.get("transformers").read(tmp_path / "model", section, {})


def test_a_package_that_only_refers_to_its_weights_is_refused(tmp_path: Path) -> None:
    section = {"task": "fill-mask", "source_model_name": "bert-base-uncased", "source_model_revision": "abc"}
    with pytest.raises(InvalidPackage, match="its weights are not in it, but in 'bert-base-uncased'"):
        plugins.get("transformers").read(tmp_path, section, {})


def _table_reader(folder: Path) -> Any:
    words = [*tokenizer().get_vocab(), "[EMPTY]", "animal", "place"]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n")
    sizes = [3, 16, 16, 2, 2, 4, 4]
    config = transformers.TapasConfig(vocab_size=len(words), type_vocab_sizes=sizes, max_position_embeddings=64, **WIDE)
    torch.manual_seed(0)
    parts = {"model": transformers.TapasForQuestionAnswering(config).eval()}
    reader = transformers.TapasTokenizer(folder / "vocab.txt", model_max_length=64)
    return transformers.pipeline("table-question-answering", tokenizer=reader, device="cpu", **parts)
