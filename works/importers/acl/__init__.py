"""The ACL Anthology: its XML files, one a collection (2024.naacl.xml, J89.xml).

Documentation: aclanthology.org/info/development and the files' schema. Metadata are CC BY 4.0, of works before 2016 CC BY-NC-SA 3.0.
"""

from works.importers.acl.formats import parse
from works.importers.acl.service import fetch

__all__ = ["fetch", "parse"]
