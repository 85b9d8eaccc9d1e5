"""Makes the file system of the variant `minimal`. Runs inside the builder, with its interpreter.

python -m minimal site     collects static files, compiles the site, writes what pruning has to know
python -m minimal prune    copies the interpreter, the packages and what both need into empty roots

Nothing here is a list of files. What a site needs is asked of those who know: the interpreter (where
it and its library are), the dynamic loader's own data (which library a name leads to), Django (which
languages, which static files) and the packages' RECORDs. Whatever is left out is left out by a rule
that has a reason, and is printed with its bytes.
"""
