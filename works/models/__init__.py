from works.models.author import Author, AuthorIdentifier
from works.models.authorship import Affiliation, Authorship
from works.models.import_run import ImportRun, RejectedRecord
from works.models.institution import Institution, InstitutionIdentifier
from works.models.source import Source, SourceIdentifier
from works.models.topic import Topic
from works.models.work import Reference, RegistryRecord, Work, WorkIdentifier, WorkTopic

__all__ = [
    "Affiliation",
    "Author",
    "AuthorIdentifier",
    "Authorship",
    "ImportRun",
    "Institution",
    "InstitutionIdentifier",
    "Reference",
    "RegistryRecord",
    "RejectedRecord",
    "Source",
    "SourceIdentifier",
    "Topic",
    "Work",
    "WorkIdentifier",
    "WorkTopic",
]
