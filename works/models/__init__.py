from works.models.author import Author, AuthorIdentifier, AuthorName
from works.models.authorship import Affiliation, Authorship
from works.models.decision import AuthorshipDecision, Correction, RecordEvent
from works.models.import_run import ImportRun, RejectedRecord
from works.models.institution import (
    Institution,
    InstitutionIdentifier,
    InstitutionName,
    InstitutionRecord,
    InstitutionRelation,
)
from works.models.merge import Merge, MergeProposal, MovedRow
from works.models.notice import Notice
from works.models.search import (
    AuthorWord,
    Completion,
    NameCompletion,
    StaleBeginning,
    StaleName,
    StaleTitle,
    TitleWord,
    Word,
    WordDeletion,
)
from works.models.shelf import FormerId, Shelf, ShelfYear, ShelvedPerson, ShelvedWork, UnshelvedAuthor, UnshelvedWork
from works.models.source import Source, SourceIdentifier
from works.models.suppression import Suppression, SuppressionMark
from works.models.topic import Topic
from works.models.unsettled import UnsettledBlock
from works.models.work import Reference, RegistryRecord, Work, WorkIdentifier, WorkTopic

__all__ = [
    "Affiliation",
    "Author",
    "AuthorIdentifier",
    "AuthorName",
    "AuthorWord",
    "Authorship",
    "AuthorshipDecision",
    "Completion",
    "Correction",
    "FormerId",
    "ImportRun",
    "Institution",
    "InstitutionIdentifier",
    "InstitutionName",
    "InstitutionRecord",
    "InstitutionRelation",
    "Merge",
    "MergeProposal",
    "MovedRow",
    "NameCompletion",
    "Notice",
    "RecordEvent",
    "Reference",
    "RegistryRecord",
    "RejectedRecord",
    "Shelf",
    "ShelfYear",
    "ShelvedPerson",
    "ShelvedWork",
    "Source",
    "SourceIdentifier",
    "StaleBeginning",
    "StaleName",
    "StaleTitle",
    "Suppression",
    "SuppressionMark",
    "TitleWord",
    "Topic",
    "UnsettledBlock",
    "UnshelvedAuthor",
    "UnshelvedWork",
    "Word",
    "WordDeletion",
    "Work",
    "WorkIdentifier",
    "WorkTopic",
]
