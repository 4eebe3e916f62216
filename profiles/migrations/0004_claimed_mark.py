from django.db import migrations

# works.Author.is_claimed follows from the profiles, whoever writes them: the floor below asks it of its own rows.
FUNCTION = """
CREATE FUNCTION profiles_mark_claimed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE works_author SET is_claimed = FALSE WHERE id = OLD.author_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE works_author SET is_claimed = TRUE WHERE id = NEW.author_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER profiles_profile_mark_claimed AFTER INSERT OR DELETE OR UPDATE OF author_id ON profiles_profile
FOR EACH ROW EXECUTE FUNCTION profiles_mark_claimed();
UPDATE works_author SET is_claimed = TRUE FROM profiles_profile profile WHERE profile.author_id = works_author.id;
"""
UNDO = """
DROP TRIGGER profiles_profile_mark_claimed ON profiles_profile;
DROP FUNCTION profiles_mark_claimed();
"""


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_api_tokens"), ("works", "0003_decisions_merges_corrections")]

    operations = [migrations.RunSQL(FUNCTION, UNDO)]
