from django.db import migrations

from works.models.audit import APPEND_ONLY_FUNCTION


class Migration(migrations.Migration):
    dependencies = [("works", "0001_initial")]

    operations = [migrations.RunSQL(APPEND_ONLY_FUNCTION, "DROP FUNCTION works_append_only()")]
