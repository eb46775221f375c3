"""LearnHub: a prefecture teaches its cadres and villagers at a distance."""

__version__ = "0.1.0"
