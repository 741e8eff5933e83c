"""The Python API: its names, that they cost nothing to import, and that they do the real thing."""

import subprocess
import sys
from pathlib import Path

import pytest

import lemmata
from lemmata.errors import AdapterRefused, UnknownAdapter

ARTICLE = "Find the number of integer solutions to x + y + z = 10 where x, y, z >= 0."


@pytest.mark.parametrize("name", lemmata.__all__)
def test_every_name_is_a_function_even_after_its_subpackage_is_imported(name):
    code = (
        "import lemmata.solve.solve, lemmata.train.recipe, lemmata.verify.math;"
        f"from lemmata import {name}; import types;"
        f"assert isinstance({name}, types.FunctionType), {name};"
        "from lemmata.solve import solve_events; from lemmata.train import resume"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_names_imports_neither_torch_nor_numpy():
    code = (
        "from lemmata import open_engine, solve, train, judge, verify_math, verify_steps;"
        "import sys;"
        "assert not {'torch', 'numpy', 'llama_cpp', 'fastapi', 'sympy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_solve_on_the_echo_engine_from_plain_code():
    with lemmata.open_engine("echo") as engine:
        solution = lemmata.solve(ARTICLE, engine, role="none")
        assert solution.problem == ARTICLE
        assert solution.verdict.state == "unverified"
        assert solution.tokens > 0
        engine.close()  # a second close is harmless


def test_an_adapter_that_is_none_and_one_that_is_not_loaded(tmp_path: Path):
    with lemmata.open_engine("echo") as engine:
        with pytest.raises(AdapterRefused):
            engine.load_adapter(tmp_path)
        with pytest.raises(UnknownAdapter):
            lemmata.solve(ARTICLE, engine, adapter="nobody")
        with pytest.raises(UnknownAdapter):
            engine.unload_adapter("nobody")


def test_verify_math_takes_its_arguments_by_name():
    assert lemmata.verify_math(answer="\\frac{1}{2}", gold="0.5").state == "correct"
    assert lemmata.verify_math(answer="0.51", gold="\\frac12").state == "incorrect"


def test_verify_steps_finds_the_wrong_one():
    report = lemmata.verify_steps("12 * 11 = 132\n132 / 2 = 67")
    assert report.first_wrong == 1


def test_judge_gives_a_letter_a_test():
    from lemmata.verify import Stdio

    judgement = lemmata.judge("print(int(input()) ** 2)", [Stdio("3", "9"), Stdio("4", "17")])
    assert [outcome.verdict for outcome in judgement.tests] == ["AC", "WA"]
