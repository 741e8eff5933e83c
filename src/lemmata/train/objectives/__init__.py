"""What is minimised. Each objective is a sum over label tokens; the loop divides by their number in
the whole step, so that neither packing nor accumulation changes what a token weighs."""

from lemmata.train.objectives.compose import Objective, means
from lemmata.train.objectives.losses import Soft, token_losses, token_nll
from lemmata.train.objectives.penalty import step_penalty

__all__ = ["Objective", "Soft", "means", "step_penalty", "token_losses", "token_nll"]
