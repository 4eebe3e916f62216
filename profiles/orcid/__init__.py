"""Log-in with an ORCID iD, at orcid.org, its sandbox, or wherever ORCID_URL says. A provider of django-allauth's."""
