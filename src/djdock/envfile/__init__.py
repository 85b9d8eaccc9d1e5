"""How python-dotenv, Compose and ``docker run --env-file`` read a ``.env``, and where they differ."""
