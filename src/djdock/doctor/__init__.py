"""`invoke doctor`: ordered checks of this machine, the project and its stack, and safe repairs.

One module per theme. In each, a probe looks at the world and a pure function judges what it saw;
``checks`` has their order and what each of them needs, ``examine`` runs them, ``view`` prints them.
"""
