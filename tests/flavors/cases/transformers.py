"""A pipeline for each task, of a random model with a few numbers and a tokenizer of a few words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.flavors.cases import Case

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_WORDS = ("the", "cat", "sat", "on", "a", "mat", "dog", "ran", "to", "house", "is", "this", "good", "bad", "about", ".")
_TEXTS = ["the cat sat on a mat .", "a dog ran to the house ."]
#: MLflow pins torchvision otherwise, installed or not.
_THEIRS = {"pip_requirements": ["transformers"]}


def tokenizer() -> Any:
    """Words of one text each, between the marks that a BERT wants."""
    words = Tokenizer(
        models.WordLevel({word: at for at, word in enumerate((*_SPECIAL, *_WORDS))}, unk_token=_SPECIAL[1])
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    named = {f"{token.strip('[]').lower()}_token": token for token in _SPECIAL}
    return transformers.PreTrainedTokenizerFast(tokenizer_object=words, model_max_length=64, **named)


def bert(kind: str, **settings: Any) -> Any:
    """A model of BERT, with numbers that are always the same and wide apart."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    vocabulary = len(_SPECIAL) + len(_WORDS)
    config = transformers.BertConfig(vocab_size=vocabulary, initializer_range=1.0, **sizes, **settings)
    return getattr(transformers, kind)(config).eval()


def pipeline(task: str, model: Any, **settings: Any) -> Any:
    return transformers.pipeline(task, model=model, tokenizer=tokenizer(), device="cpu", **settings)


def text_classification() -> Case:
    """The best label of each text and its score."""
    model = pipeline("text-classification", bert("BertForSequenceClassification", id2label={0: "bad", 1: "good"}))
    return Case(model, _TEXTS, lambda native, texts: pd.DataFrame(native(texts)), theirs=_THEIRS)


def text_pairs() -> Case:
    """The label of two texts that belong together, by a pipeline that is given in parts."""
    parts = {"model": bert("BertForSequenceClassification"), "tokenizer": tokenizer()}
    pairs = pd.DataFrame({"text": _TEXTS, "text_pair": ["the cat is good .", "this is a dog ."]})
    kind = {"task": "text-classification"}

    def ask(native: Any, data: pd.DataFrame) -> pd.DataFrame:
        whole = native if callable(native) else transformers.pipeline(**kind, **native)
        return pd.DataFrame(whole(data.to_dict(orient="records")))

    return Case(parts, pairs, ask, options=kind, theirs=_THEIRS, read_as="TextClassificationPipeline")


def token_classification() -> Case:
    """The tags of the words of each text, by weights of half the usual size."""
    model = pipeline("token-classification", bert("BertForTokenClassification").to(torch.bfloat16))

    def ask(native: Any, texts: list[str]) -> list[str]:
        return [",".join(tag["entity"] for tag in tags) for tags in native(texts)]

    return Case(model, _TEXTS, ask, theirs=_THEIRS)


def fill_mask() -> Case:
    """The likeliest word for a gap in each text."""
    texts = ["the [MASK] sat on a mat .", "a dog ran to the [MASK] ."]

    def ask(native: Any, given: list[str]) -> list[str]:
        return [words[0]["token_str"] for words in native(given)]

    return Case(pipeline("fill-mask", bert("BertForMaskedLM")), texts, ask, theirs=_THEIRS)


def feature_extraction() -> Case:
    """The vectors of the words of one text."""
    model = pipeline("feature-extraction", bert("BertModel"))
    return Case(model, _TEXTS[:1], lambda native, texts: np.array(native(texts)[0][0]), theirs=_THEIRS)


def zero_shot() -> Case:
    """Each label with its score, for each text."""
    model = bert("BertForSequenceClassification", id2label={0: "no", 1: "entailment"}, label2id={"entailment": 1})
    labels, template = ["cat", "dog", "house"], "this is about the {} ."
    same = {"candidate_labels": json.dumps(labels), "hypothesis_template": template}

    def ask(native: Any, data: pd.DataFrame) -> pd.DataFrame:
        rows = [
            {"sequence": each["sequence"], "labels": label, "scores": score}
            for each in native(list(data["sequences"]), labels, hypothesis_template=template)
            for label, score in zip(each["labels"], each["scores"], strict=True)
        ]
        return pd.DataFrame(rows)

    frame = pd.DataFrame({"sequences": _TEXTS, **same})
    return Case(pipeline("zero-shot-classification", model), frame, ask, theirs=_THEIRS)


def text_generation() -> Case:
    """A few words more, of which the configuration says how many."""
    torch.manual_seed(0)
    sizes = {"n_embd": 8, "n_layer": 1, "n_head": 2, "n_positions": 64, "initializer_range": 1.0}
    tokens = {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    settings = transformers.GPT2Config(vocab_size=len(_SPECIAL) + len(_WORDS), **sizes, **tokens)
    model = pipeline("text-generation", transformers.GPT2LMHeadModel(settings).eval())
    config = {"do_sample": False, "max_new_tokens": 5}

    def ask(native: Any, texts: list[str]) -> list[str]:
        return [each[0]["generated_text"].strip() for each in native(texts, **config)]

    return Case(model, _TEXTS, ask, options={"model_config": config}, theirs=_THEIRS)


CASES = {
    "text_classification": text_classification,
    "text_pairs": text_pairs,
    "token_classification": token_classification,
    "fill_mask": fill_mask,
    "feature_extraction": feature_extraction,
    "zero_shot": zero_shot,
    "text_generation": text_generation,
}
