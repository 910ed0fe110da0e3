"""The desk: dialogs, duty rules, delivery, messengers, and the commands."""
