"""What happened: tables, migrations, one unit of work. Judges nothing."""
