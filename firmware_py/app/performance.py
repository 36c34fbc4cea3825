"""One piece on its way to the speaker: composed and rendered bar by bar, ahead of the playhead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import Bar
from firmware_py.play.deck import Block
from firmware_py.ports.music import Composer, Renderer


@dataclass(frozen=True, slots=True)
class Performance:
    """``targets``: what is left of the plan. The player's producer thread iterates ``blocks``."""

    composer: Composer
    renderer: Renderer
    targets: Sequence[BarTarget]
    written: list[Bar] = field(default_factory=list)
    """Grows at its end only, so another thread may read it."""

    def blocks(self) -> Iterator[Block]:
        """Yield the sound of each bar, named by its place in the plan, and of what rings on."""
        last = len(self.targets) - 1
        for index, target in enumerate(self.targets):
            bar = self.composer.next_bar(target, last - index)
            self.written.append(bar)
            yield Block(self.renderer.render_bar(bar), target.bar)
        yield Block(self.renderer.finish(), self.targets[-1].bar)

    def bar_at(self, place: int) -> Bar | None:
        """Return the bar written for a place in the plan; None before the first."""
        index = place - self.targets[0].bar
        return self.written[index] if 0 <= index < len(self.written) else None
