"""The networks that are compared, by name."""

from __future__ import annotations

from typing import Final

from model_export.jsb.cells_network import CellsNetwork
from model_export.jsb.changes_network import ChangesNetwork
from model_export.jsb.model import ChoraleModel

NETWORKS: Final[dict[str, type[ChoraleModel]]] = {
    "ours": ChangesNetwork,
    "gru": CellsNetwork,
    "gru-changes": ChangesNetwork,
}
