import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("works", "0003_decisions_merges_corrections")]

    operations = [
        migrations.CreateModel(
            name="AuthorName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=500)),
                ("name_key", models.CharField(db_index=True, max_length=500)),
                ("is_public", models.BooleanField(default=False)),
                ("is_of_record", models.BooleanField(default=False)),
                (
                    "author",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="other_names", to="works.author"),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("author", "name_key"), name="authorname_once_each_author"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_of_record", True)), fields=("author",), name="authorname_one_of_record"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_key", ""), _negated=True), name="authorname_has_letters"
                    ),
                ],
            },
        ),
        migrations.AddField(model_name="author", name="other_keys", field=models.TextField(blank=True, db_default="", default="")),
        # A generated column's expression cannot be changed: it is made anew, with its index.
        migrations.RemoveIndex(model_name="author", name="author_name_search"),
        migrations.RemoveField(model_name="author", name="name_search"),
        migrations.AddField(
            model_name="author",
            name="name_search",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.contrib.postgres.search.SearchVector("name_key", "other_keys", config="simple"),
                output_field=django.contrib.postgres.search.SearchVectorField(),
            ),
        ),
        migrations.AddIndex(
            model_name="author",
            index=django.contrib.postgres.indexes.GinIndex(fastupdate=False, fields=["name_search"], name="author_name_search"),
        ),
    ]
