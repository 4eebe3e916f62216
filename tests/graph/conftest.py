"""The cast of the graph's tests: the two works of the reference page, and who wrote them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from graph.actions.builds import build_slice
from graph.actions.collaborations import count_collaborations, mark_collaborations_stale
from graph.actions.slices import request_slice
from tests.factories.works import make_author, make_work
from works.models import Author, Work


@dataclass
class Cast:
    boxiao: Author
    jihao: Author
    hongsheng: Author
    yu: Author
    bingqi: Author
    guanglu: Author
    distillation: Work
    faces: Work

    @property
    def people(self) -> list[Author]:
        return [self.boxiao, self.jihao, self.hongsheng, self.yu, self.bingqi, self.guanglu]

    def count(self) -> int:
        return self.count_these(*self.people)

    @staticmethod
    def count_these(*authors: Author) -> int:
        mark_collaborations_stale(author_ids=[author.pk for author in authors])
        return count_collaborations()

    def build(self, author: Author | None = None) -> None:
        chosen = author or self.boxiao
        assert request_slice(chosen)
        assert self.finish(chosen)

    @staticmethod
    def finish(author: Author) -> bool:
        """Build what was asked for already."""
        return build_slice(author_id=author.pk)


@pytest.fixture
def cast(db: None) -> Cast:
    names = ["Boxiao Liu", "Jihao Liu", "Hongsheng Li", "Yu Liu", "Bingqi Ma", "Guanglu Song"]
    boxiao, jihao, hongsheng, yu, bingqi, guanglu = (make_author(name) for name in names)
    Author.objects.filter(pk__in=[boxiao.pk, yu.pk]).update(works_count=2)
    distillation = make_work("Meta Knowledge Distillation", 2022, [jihao, boxiao, hongsheng, yu], ["Machine Learning"])
    faces = make_work(
        "Rethinking Robust Representation Learning Under Fine-grained Noisy Faces",
        2023,
        [bingqi, guanglu, boxiao, yu],
        ["Computer Vision", "Machine Learning"],
        institutions={yu: "SenseTime Research"},
        cites=[distillation],
    )
    return Cast(boxiao, jihao, hongsheng, yu, bingqi, guanglu, distillation, faces)
