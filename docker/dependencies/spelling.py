"""Requirements as people write them, and as programs print them."""

import re

#: What `conda list --export` names and no index of Python's has.
CONDA = re.compile(
    r"(?i)(python|openssl|sqlite|vc|vs\d+_runtime|ca-certificates|zlib|xz|tk|readline|ncurses|libffi"
    r"|libcxx|libedit|bzip2|_.*|ld_impl.*|libgcc.*|libstdcxx.*|libgomp|libuuid|blas|mkl|intel-openmp"
    r"|icc_rt|console_shortcut|ucrt|vcomp\d*|libsqlite|libzlib|libexpat|expat|icu|libmpdec)$"
)
_NOTHING = re.compile(
    r"(Package\s+Version|-{3}[\s-]*$|```|WARNING:|DEPRECATION:|You are using pip)"
)
_PLAIN = re.compile(r"[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*\(?\s*([<>=!~;]|$)")


def spelled(line):
    """A requirement as the standard has it, of what pip once took, of what `pip list` and `conda list`
    print, of an item of a list; "" for a line that is none. What is not understood stays.
    """
    bare = re.sub(r"^[-*]\s+(?=\w)", "", line.strip())
    quoted = re.match(r"([`\"'])(.*)\1,?$", bare)
    bare = quoted.group(2) if quoted else bare
    if _NOTHING.match(bare):
        return ""
    if bare.startswith("-"):
        return line
    conda = re.match(r"([\w.-]+)=([\w.]+)(=\w+)?$", bare)
    table = re.match(r"([A-Za-z][\w.-]*)\s+v?(\d[\w.]*)(\s+\S+)?$", bare)
    if conda:
        return "" if CONDA.match(conda.group(1)) else f"{conda.group(1)}=={conda.group(2)}"
    if table:
        return f"{table.group(1)}=={table.group(2)}"
    if not _PLAIN.match(bare):
        return line
    name, mark, marker = bare.partition(";")
    new = re.sub(r"(?<![<>=!~])=([<>])", r"\1=", name)
    new = re.sub(r"([<>]=?\s*[\d.]+)\.\*", r"\1", new)
    new = re.sub(r">\s*dev\b", "", new)
    new = re.sub(r"(\d[\w.*]*)\s+(?=[<>=!~]=?\s*\d)", r"\1,", new)
    return f"{new};{marker}" if mark and marker.strip() else new.rstrip()
