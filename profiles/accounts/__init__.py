"""How this site has its accounts: where it differs from django-allauth, which does the rest."""
