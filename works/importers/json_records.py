"""JSON read record by record: JSON Lines, or one document whose records stand in a list; cut short or damaged, what is whole is read."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from works.importers.files import BrokenFile, lines
from works.importers.record import InvalidRecord
