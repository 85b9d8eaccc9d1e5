"""MySQL and MariaDB: their own dump as SQL, packed; a restore goes into a schema of its own."""
class Mysql:
    def __init__(self, *a): raise NotImplementedError
