"""Installs what the site needs from whatever the project pins it with. Runs in the builder, on its
Python.

    python -m djdock_dependencies collect CONTEXT OUT   the files that say what is needed, and
    nothing else python -m djdock_dependencies install FOLDER VENV   installs it with uv

Told by environment variables, all optional:

REQUIREMENTS  files, separated by blanks (one in a path is a ?), with those that they name
LOCK          uv.lock, poetry.lock, pdm.lock, Pipfile.lock, pylock.toml, Pipfile or pyproject.toml, in
              their place
EXTRAS        extras of that, and
LOCK_GROUPS   dependency groups of that, separated by blanks
PACKAGES      more requirements, one per line
INDEX         the index that takes the place of all that the files name
SERVER        wsgi or asgi: gunicorn, and uvicorn, are installed when nobody names them

It runs on Python 3.8 and newer.
"""
