"""What the plan says: files in, values out. No database, no messenger, no clock."""
