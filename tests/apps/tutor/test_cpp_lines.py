"""C++ that counts its lines: what is changed, and that nothing else is."""

from __future__ import annotations

import pytest

from lemmata.apps.tutor import cpp_lines
from lemmata.verify.sandbox import room

SOURCE = """#include <iostream>
#include <vector>
using namespace std;

struct Point {
    int x;
    int y;
    int sum() const {
        return x + y;
    }
};

enum Kind { ONE,
            TWO };

static const int table[] = {
    1, 2,
    3};

int twice(int n) {
    // return n; { " not code
    if (n < 0)
        return -twice(-n);
    else
        n = n * 2;
    switch (n) {
        case 4:
            n = 4;
            break;
        default:
            n = n + 0;
    }
    auto add = [&](int m) {
        n += m;
    };
    add(0);
    do {
        n++;
    } while (n < 0);
    for (int i = 0;
         i < 1; i++)
        n += table[0];
    return n
           - 2;
}

int main() {
    Point p{1, 2};
    cout << twice(2) << p.sum()
         << "{ \\" ; }" << R"(
        int x;)" << endl;
}
"""


def steps(text: str) -> set[int]:
    lines = text.split("#line 1 ")[1].split("\n")[1:]
    return {at for at, line in enumerate(lines, 1) if f"step({at})" in line}


def test_lines_keep_their_numbers_and_only_statements_are_counted() -> None:
    marked = steps(cpp_lines.watching(SOURCE))
    assert marked == {22, 23, 26, 29, 33, 34, 36, 37, 38, 40, 42, 43, 48, 49}


def test_it_compiles_runs_the_same_and_tells_what_it_ran() -> None:
    place = room.shared()
    plain = place.run(SOURCE, language="cpp")
    watched = place.run(cpp_lines.watching(SOURCE), language="cpp")
    assert (plain.status, watched.status) == ("OK", "OK")
    assert plain.stdout == watched.stdout
    told = cpp_lines.told(watched.stderr)
    assert told is not None
    assert (told.how, told.line) == ("end", 43)
    assert told.steps > 10


@pytest.mark.parametrize(
    ("body", "how", "line"),
    [
        ("int n = 0;\nwhile (true) {\nn += 1;\n}", "spent", 4),
        ("std::vector<int> a;\nreturn a[3];", "signal", 3),
        ("int n = 1;\nif (n)\nstd::abort();", "signal", 4),
    ],
)
def test_where_it_ends(body: str, how: str, line: int) -> None:
    source = f"#include <vector>\nint main() {{ {body}\n}}"
    run = room.shared().run(cpp_lines.watching(source), language="cpp")
    told = cpp_lines.told(run.stderr)
    assert told is not None
    assert (told.how, told.line) == (how, line)


def test_what_is_no_word_of_ours_says_nothing() -> None:
    assert cpp_lines.told(b"lemmata-watch end 1 2\n") is None
