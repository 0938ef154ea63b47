"""Names for runs whose makers gave them none."""

from __future__ import annotations

import random

_ADJECTIVES = """
able amber apt bold brave brisk calm clear clever crisp deft eager early fair fleet fond frank fresh gentle glad golden
grand happy hardy honest humble jolly keen kind light lively loyal lucid mellow merry mild neat nimble noble patient
plain polite proud quick quiet rapid ready sharp silent smart snug solid steady sunny sure swift tidy trusty vivid warm
"""
_ANIMALS = """
ant badger bear beaver bee bison boar crane crow deer dove duck eagle elk falcon finch fox frog gecko goat goose grouse
gull hare hawk heron horse ibex jay kite lark lion lynx magpie marten mole moose moth mouse newt otter owl ox panda puma
quail raven robin salmon seal shrew snail sparrow stag stork swan tern tiger toad trout turtle weasel whale wolf wren
"""
# Of its own: names must not repeat because a training script seeded the shared one, nor change what that one gives.
_random = random.SystemRandom()


def random_run_name() -> str:
    """A name that is easy to say, such as ``brisk-otter-417``."""
    return f"{_random.choice(_ADJECTIVES.split())}-{_random.choice(_ANIMALS.split())}-{_random.randrange(1000)}"
