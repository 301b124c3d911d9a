"""What is embedded: texts of mixed lengths, the same ones each time.

Lengths are log-normal around 60 tokens, up to the model's 256, as passages of documentation are.
"""

import math
import random
import re

MAX_TOKENS = 256
_MEDIAN_WORDS = 50
_SPREAD = 0.8
_SEED = 7

_WORDS = re.findall(
    r"\w+",
    "the index holds a vector for every passage and finds those that lie nearest to a question while collections "
    "aliases tenants chunks tokens batches models schemas levels budgets and policies are kept in order by one loop",
)


def texts_of_mixed_lengths(count: int) -> list[str]:
    """Return the same texts each time: log-normal lengths around 50 words."""
    rng = random.Random(_SEED)  # noqa: S311  the same texts each time
    lengths = [max(3, round(rng.lognormvariate(math.log(_MEDIAN_WORDS), _SPREAD))) for _ in range(count)]
    return [" ".join(rng.choices(_WORDS, k=length)) for length in lengths]
