"""What may stand in a Dockerfile, and what is refused."""

from __future__ import annotations

import pytest

from mlpack.errors import InvalidArgument
from mlpack.images.dockerfile import Plan, render
from mlpack.images.tokens import KINDS, checked

HOSTILE = (
    "a\nRUN id", "a\r\nb", "$(id)", "`id`", "a b", 'a"b', "a'b", "a;b", "a&&b", "a|b", "--push", "-t", "../x", "a\\b",
    "",    "a\tb", "${IFS}", "a\0b", "a#b", "é", "a" * 300, "A/B",
)  # fmt: skip


@pytest.mark.parametrize("kind", ["image name", "base image", "platform", "python version"])
@pytest.mark.parametrize("value", HOSTILE)
def test_what_is_no_such_token_is_refused_and_shown_as_text(kind: str, value: str) -> None:
    with pytest.raises(InvalidArgument, match=f"is not a valid {kind}") as error:
        checked(kind, value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_example_of_each_kind_is_one(kind: str) -> None:
    _, example = KINDS[kind]
    assert checked(kind, example) == example


@pytest.mark.parametrize("name", ["iris", "iris:1", "host:5000/team/iris:v1.2", "ghcr.io/a/b-c_d.e:T", "a/b/c"])
def test_names_of_images_are_taken(name: str) -> None:
    assert checked("image name", name) == name


@pytest.mark.parametrize("text", ["a\nRUN id", 'a" b="c', "$HOME", "`id`", "a\\"])
def test_a_label_that_is_more_than_plain_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="label"):
        Plan("python:3.11-slim", "3.11", labels={"name": text})


def test_a_dockerfile_has_no_shell_and_nothing_left_to_fill_in() -> None:
    text = render(Plan("python:3.11-slim", "3.11", labels={"org.opencontainers.image.title": "iris"}))
    lines = text.splitlines()
    assert "@{" not in text
    assert all(line.startswith('RUN ["') for line in lines if line.startswith("RUN"))
    assert [line for line in lines if line.startswith(("ENTRYPOINT", "CMD"))] == [
        'ENTRYPOINT ["python", "-m", "mlpack.cli.container"]', 'CMD ["serve"]',
    ]  # fmt: skip
    assert 'org.opencontainers.image.title="iris"' in text
