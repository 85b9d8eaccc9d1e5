"""What the unit tests and the engine tests of ``.env`` share: values that hurt, and what readers make
of lines.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

#: What has a meaning to one reader or another, and what scripts, editors and terminals trip over.
PIECES = (
    "'", '"', "`", "$", "$$", "${", "}", "$A", "${A:-b}", "$1", "#", " #", " ", "\t", "=",
    "\\", "\\n", "\\$", "\n", "\r", "\r\n", "\v", "\x1c", "\x85", "\xa0", "\u2028", "\ufeff",
    "export ", "a", "Z", "0", "ä", "\u017f", "\u212a", "日本", "🐘", "👩\u200d👧", "שלום",
    "\u202emirror", "%", "&", "!", "*", "?", ";", "|", "<", "(", "[", ":", "/", "@", '{"a": 1}',
    "postgres://u:p@h/d?x=1#y", "-----BEGIN KEY-----",
)  # fmt: skip

#: Most are short; some are longer than a line may be (64 KiB), some nearly so.
VALUES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
    st.text("abcXYZ019$'\"\\# =", max_size=12),
    st.sampled_from([300, 30_000, 65_520, 65_540, 200_000]).map(lambda size: "x" * size),
)


def values(count: int) -> list[str]:
    """``count`` different values, the same in every run."""
    found: dict[str, None] = {}

    @settings(
        max_examples=4 * count, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(VALUES)
    def collect(value: str) -> None:
        found.setdefault(value)

    collect()
    return list(found)[:count]


#: What names without a value, and Compose's variables, are looked up in.
ENVIRON = {"OUT": "side", "NONE": ""}

#: A text, and what Compose makes of it; None is a refusal.
COMPOSE = {
    "A=1\n": {"A": "1"},
    "A=1": {"A": "1"},
    "A=\nB=2\n": {"A": "", "B": "2"},
    "\ufeffA=1\r\nB=2\r\n": {"A": "1", "B": "2"},
    "A= 1 \n": {"A": "1"},
    "A =1\n": {"A": "1"},
    "A: 1\n": {"A": "1"},
    "export A=1\n": {"A": "1"},
    "A=1\nA=2\n": {"A": "2"},
    "A=x # y\nB=x#y\nC=#x\nD= #x\n": {"A": "x", "B": "x#y", "C": "#x", "D": "#x"},
    "A=x\t#y\n": {"A": "x\t#y"},
    "A='x y'\nB=\"x y\" # z\n": {"A": "x y", "B": "x y"},
    "A='x\ny'\n": {"A": "x\ny"},
    "A='it\\'s \\n'\n": {"A": "it's \\n"},
    'A="\\n\\t\\$OUT\\"\\\\ \\x \\0123 \\012 \\0777"\n': {"A": '\n\t$OUT"\\ \\x S \\12 \\777'},
    "A=$OUT.${OUT}\n": {"A": "side.side"},
    "A=$$OUT a$ a$1\n": {"A": "$OUT a$ a$1"},
    "A='$OUT'\n": {"A": "$OUT"},
    "A=${X:-$OUT}\nB=${NONE-c}\nC=${NONE:-c}\nD=${OUT:+d}\nE=${X+e}.\n": {
        "A": "side", "B": "", "C": "c", "D": "d", "E": ".",
    },
    "A=1\nB=$A\nOUT=2\nC=$OUT\n": {"A": "1", "B": "1", "OUT": "2", "C": "side"},
    "A=${X:-{}}x\n": {"A": "{}x"},
    "A=$\u017f.\n": {"A": "."},
    "OUT\nA=1\n": {"OUT": "side", "A": "1"},
    "X\nA=1\n": {"A": "1"},
    "X": {"": "X"},
    "A.B-C[0]=1\n": {"A.B-C[0]": "1"},
    "1A=2\n": {"1A": "2"},
    "A='x'B=2\n": {"A": "x", "B": "2"},
    "A=1\rB=2\n": {"A": "1\rB=2"},
    "=1\n": {"": "1"},
    "A B=1\n": None,
    "A='x\n": None,
    "A+=1\n": None,
    "A=${\n": None,
    "A=${X:?no}\n": None,
}  # fmt: skip

#: The same for ``docker run --env-file``.
DOCKER = {
    "A=1\n\n  # c\n  B=2": {"A": "1", "B": "2"},
    "\ufeffA=1\r\nB=2\r\n": {"A": "1", "B": "2"},
    "A= 1 \n": {"A": " 1 "},
    "A='x' # y\n": {"A": "'x' # y"},
    "A=$OUT\\n\n": {"A": "$OUT\\n"},
    "A=1\rB=2\n": {"A": "1\rB=2"},
    "OUT\nX\n": {"OUT": "side"},
    "A-B.1=x\n": {"A-B.1": "x"},
    "A=\n": {"A": ""},
    f"A={'x' * 65533}\n": {"A": "x" * 65533},
    f"A={'x' * 65534}\n": None,
    "A =1\n": None,
    "A\tB\n": None,
    "export A=1\n": None,
    "=1\n": None,
}
