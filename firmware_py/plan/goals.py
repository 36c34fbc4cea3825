"""Where each goal leads to: a range per target.

Measured figures come from studies; where none fits, the range is our own choice and says so.

- Scarratt et al., "The audio features of sleep music", PLOS ONE 18 (2023): 225,626 tracks of sleep
  playlists are softer, slower and more often instrumental and acoustic than other music; median
  tempo 96.6 bpm over all, 74.8 in the ambient cluster; median loudness -19.8 dB, ambient -28 dB.
- Kirk and Timmers, "Characterizing music for sleep", Musicae Scientiae (2024): brightness
  separates sleep playlists from merely relaxing ones better than any other feature.
- Breathing at about 0.1 Hz: at 72 bpm in 4/4 three bars are one breath at six a minute.
- Eerola, Friberg and Bresin, Front. Psychol. 4:487 (2013): listeners' ratings follow mode, tempo,
  register, dynamics and timbre in an additive and mostly linear way.
"""

from __future__ import annotations

from typing import Final

from firmware_py.messages.plan import Goal
from firmware_py.plan.levels import TARGET_NAMES, Levels, Range, Region, TargetName, TargetOffsets

SLEEP: Final[Region] = {
    "tempo": Range(60.0, 74.0),  # at most the ambient cluster's median (Scarratt)
    "density": Range(0.5, 1.1),  # our choice: about a note a beat and fewer
    "register": Range(53.0, 61.0),  # our choice: an octave around the C below middle C and up
    "dynamics": Range(0.08, 0.28),  # the softest of the four: sleep music is softer (Scarratt)
    "mode": Range(0.0, 0.7),  # our choice: rather major, never brilliant
    "tension": Range(0.0, 0.2),  # our choice: nothing that asks for attention
    "brightness": Range(0.05, 0.25),  # darker than calm: brightness is what tells them apart (Kirk)
}
CALM: Final[Region] = {
    "tempo": Range(64.0, 80.0),  # middle 72: three bars a breath at six a minute
    "density": Range(0.7, 1.5),
    "register": Range(55.0, 65.0),
    "dynamics": Range(0.18, 0.42),
    "mode": Range(0.0, 0.8),
    "tension": Range(0.05, 0.3),
    "brightness": Range(0.2, 0.42),  # above sleep (Kirk and Timmers)
}
FOCUS: Final[Region] = {  # our choice throughout: awake, even, unobtrusive
    "tempo": Range(72.0, 88.0),
    "density": Range(1.1, 2.1),
    "register": Range(58.0, 66.0),
    "dynamics": Range(0.25, 0.45),
    "mode": Range(-0.1, 0.6),
    "tension": Range(0.1, 0.3),
    "brightness": Range(0.3, 0.5),
}
LIFT: Final[Region] = {  # Eerola et al.: major, faster, higher, brighter is heard as happy
    "tempo": Range(84.0, 100.0),
    "density": Range(1.4, 2.4),
    "register": Range(60.0, 70.0),
    "dynamics": Range(0.36, 0.6),
    "mode": Range(0.5, 1.0),
    "tension": Range(0.05, 0.25),
    "brightness": Range(0.42, 0.66),
}
GOAL_REGIONS: Final[dict[Goal, Region]] = {
    "calm": CALM,
    "sleep": SLEEP,
    "focus": FOCUS,
    "lift": LIFT,
}

AROUSING: Final[frozenset[TargetName]] = frozenset(
    ("tempo", "density", "register", "dynamics", "brightness")
)
"""Targets that rouse when they rise (Eerola et al.); at night they keep to their lower half."""


def goal_region(goal: Goal, *, night: bool = False) -> Region:
    """Return the region of a goal; at night a part of the day's region."""
    region = GOAL_REGIONS[goal]
    if not night:
        return region
    return {name: span.lower_half() if name in AROUSING else span for name, span in region.items()}


def goal_point(region: Region, offsets: TargetOffsets) -> Levels:
    """Return where a plan comes to rest: the middle of the region, moved by what is liked."""
    return Levels.each(lambda name: region[name].nearest(region[name].middle + offsets[name]))


def is_inside(levels: Levels, region: Region) -> bool:
    """Return whether every target lies in its range."""
    return all(region[name].low <= levels[name] <= region[name].high for name in TARGET_NAMES)


def nearest(levels: Levels, region: Region) -> Levels:
    """Return the point of the region that is nearest to ``levels``."""
    return Levels.each(lambda name: region[name].nearest(levels[name]))
