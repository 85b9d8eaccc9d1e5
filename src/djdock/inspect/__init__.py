"""What a Django project needs, read from its files; nothing of the project is run."""
