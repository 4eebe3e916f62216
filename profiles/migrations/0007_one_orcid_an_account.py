from django.db import migrations


class Migration(migrations.Migration):
    """An account is connected to one ORCID iD at most. (That an iD is connected to one account at most is allauth's own constraint.)"""

    dependencies = [
        ("profiles", "0006_findings_and_trust_history"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE UNIQUE INDEX socialaccount_one_orcid_an_account ON socialaccount_socialaccount (user_id) WHERE provider = 'orcid'",
            "DROP INDEX socialaccount_one_orcid_an_account",
        ),
    ]
