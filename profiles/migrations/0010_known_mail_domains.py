from pathlib import Path

from django.db import migrations

LIST = Path(__file__).resolve().parent.parent / "evidence" / "mail_domains.txt"


def load(apps, schema_editor):
    """Enter the mail services that everybody knows; what staff have entered already stays as it is."""
    model = apps.get_model("profiles", "EmailDomain")
    pairs = [line.split() for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    model.objects.bulk_create([model(domain=domain, kind=kind) for kind, domain in pairs], ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("profiles", "0009_evidence_due_and_notices")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
