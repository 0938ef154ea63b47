"""spaCy pipelines in spaCy's own folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlpack.errors import InvalidArgument, SchemaMismatch
from mlpack.flavor import Flavor, Predictor, Written


class SpacyFlavor(Flavor[Any]):
    """Pipelines of spaCy; those that categorize texts can be asked.

    Not row-wise: the last bits of scores may depend on how many texts are computed together.
    """

    name = "spacy"
    distribution = "spacy"
    extra = "spacy"
    modules = ("spacy",)
    version_key = "spacy_version"
    loader_module = "mlflow.spacy"
    model_argument = "spacy_model"

    def write(self, model: Any, folder: Path) -> Written:
        """Write ``model.spacy``, which holds no code; raises InvalidArgument for what is no pipeline."""
        if not isinstance(model, self.framework().language.Language):
            raise InvalidArgument(f"a {type(model).__name__} is not a pipeline of spaCy", tip="spacy.load returns one")
        model.to_disk(folder / "model.spacy")
        makers = {pipe.__module__.partition(".")[0] for _, pipe in model.pipeline}
        written = Written.to("model.spacy", modules=makers)
        return written if self._categorizes(model) else replace(written, pyfunc=None)

    def read(self, folder: Path, section: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
        """Read the pipeline.

        Its ``config.cfg`` names functions and their arguments, and spaCy calls them. They come from spaCy's registry,
        which has what installed distributions put there and what the user's code did: a folder brings none of its own.
        """
        return self.framework().load(self.data(folder, section, "model.spacy"))

    def predictor(self, model: Any, section: Mapping[str, Any], config: Mapping[str, Any]) -> Predictor:
        """For each text, in a DataFrame of one column, the score of each category.

        Texts are computed together, but those without a word: alone they have no scores, among others they would.
        """
        import pandas as pd

        def categorize(data: Any, params: dict[str, Any] | None) -> Any:
            if not isinstance(data, pd.DataFrame) or data.shape[1] != 1:
                got = f"{data.shape[1]} columns" if isinstance(data, pd.DataFrame) else type(data).__name__
                raise SchemaMismatch(None, expected="a DataFrame of one column, of texts", got=got)
            texts = list(data.iloc[:, 0])
            together = model.pipe(filter(None, texts))
            documents = [next(together) if text else model(text) for text in texts]
            return pd.DataFrame({"predictions": [document.cats for document in documents]}, index=data.index)

        return categorize

    def _categorizes(self, model: Any) -> bool:
        categorizer = self.framework("spacy.pipeline").TextCategorizer
        return any(isinstance(pipe, categorizer) for _, pipe in model.pipeline)


flavor = SpacyFlavor()
