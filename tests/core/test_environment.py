"""The environment files of a package: written so that MLflow reads them, read in every dialect it wrote."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from mlpack.environment import Environment, check_requirement, environment_from, mismatches
from mlpack.errors import InvalidArgument, InvalidPackage, UnsafePackage
from mlpack.yamlio import dump_yaml, load_yaml

OLD_CONDA = """\
channels:
- defaults
dependencies:
- python=3.6.9
- scikit-learn=0.20.3
- pip:
  - mlflow
  - cloudpickle==0.8.0
name: mlflow-env
"""


def inferred() -> list[str]:
    return ["numpy==2.1.0", "scikit-learn==1.5.2"]


def test_the_four_files_are_what_mlflow_expects(tmp_path: Path) -> None:
    environment = Environment("3.11.7", ("numpy==2.1.0",), ("six<2",), ("pip==24.0", "wheel"))
    assert environment.write(tmp_path) == {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}
    lines = ["mlflow>=2.10", "numpy==2.1.0", "-c constraints.txt"]
    assert (tmp_path / "requirements.txt").read_text() == "".join(f"{line}\n" for line in lines)
    assert (tmp_path / "constraints.txt").read_text() == "six<2\n"
    assert load_yaml(tmp_path / "python_env.yaml") == {
        "python": "3.11.7",
        "build_dependencies": ["pip==24.0", "wheel"],
        "dependencies": ["-r requirements.txt"],
    }
    assert load_yaml(tmp_path / "conda.yaml") == {
        "name": "mlflow-env",
        "channels": ["conda-forge"],
        "dependencies": ["python=3.11.7", "pip<=24.0", {"pip": lines}],
    }


@pytest.mark.parametrize("line", ["mlflow==3.17.2", "mlflow-skinny>=2", "MLflow"])
def test_no_second_line_for_mlflow_is_written(line: str) -> None:
    environment = Environment("3.11", ("six", line))
    assert environment.requirements_text() == f"six\n{line}\n"
    assert environment.to_install == ("six",)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    env = environment_from(pip_requirements=["mlflow>=2.10", "numpy>=2"], default=inferred).write(tmp_path)
    environment = Environment.read(tmp_path, env)
    assert environment.requirements == ("mlflow>=2.10", "numpy>=2")
    assert environment.with_requirements(add=["numpy==2.2"]).write(tmp_path) == env
    assert Environment.read(tmp_path, env).requirements == ("mlflow>=2.10", "numpy==2.2")


def test_a_package_of_mlflow_1_is_read_from_its_conda_file(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text(OLD_CONDA)
    environment = Environment.read(tmp_path, "conda.yaml")
    assert (environment.python, environment.requirements) == ("3.6.9", ("mlflow", "cloudpickle==0.8.0"))
    assert environment.conda_only == ("scikit-learn=0.20.3",)


def test_a_requirements_file_beside_the_conda_file_is_preferred_to_its_list(tmp_path: Path) -> None:
    (tmp_path / "conda.yaml").write_text(OLD_CONDA)
    (tmp_path / "requirements.txt").write_text("six==1.16.0")
    assert Environment.read(tmp_path, "conda.yaml").requirements == ("six==1.16.0",)


@pytest.mark.parametrize("env", [None, "conda.yaml", {"conda": "conda.yaml", "virtualenv": "python_env.yaml"}, {}])
def test_a_package_without_environment_files_has_no_requirements(tmp_path: Path, env: str | dict[str, str]) -> None:
    assert Environment.read(tmp_path, env) == Environment("", ())


def test_files_that_requirements_name_are_read_inside_the_package_only(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (tmp_path / "secret.txt").write_text("six\n")
    (package / "python_env.yaml").write_text("python: 3.11.1\ndependencies: [-r requirements.txt]\n")
    (package / "requirements.txt").write_text("click\n-r more.txt\n-c constraints.txt\n-r ../secret.txt\n")
    (package / "more.txt").write_text("idna  # a comment\n-r requirements.txt\n")
    (package / "constraints.txt").write_text("h11<\\\n1\n")
    environment = Environment.read(package, None)
    assert (environment.requirements, environment.constraints) == (("click", "idna"), ("h11<1",))
    with pytest.raises(UnsafePackage, match=r"requirements.txt, line 4: secret.txt is outside the package"):
        environment.check()


@pytest.mark.parametrize("env", ["../conda.yaml", "/etc/passwd", {"virtualenv": "a/../../b"}, "a\0b", 5])
def test_an_environment_file_outside_the_package_is_refused(tmp_path: Path, env: str) -> None:
    with pytest.raises(UnsafePackage, match="not a file of the package"):
        Environment.read(tmp_path, env)


def test_reading_reports_a_hostile_line_and_using_stops_at_it(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("six\n\n--extra-index-url https://example.org/simple\n")
    environment = Environment.read(tmp_path, None)
    assert environment.requirements == ("six",)
    uses: list[Callable[[], object]] = [
        environment.check,
        environment.with_requirements,
        lambda: environment.write(tmp_path),
    ]
    for use in uses:
        with pytest.raises(UnsafePackage, match=r"requirements.txt, line 3: .*option of pip"):
            use()


def test_requirements_that_are_missing_are_none(tmp_path: Path) -> None:
    (tmp_path / "python_env.yaml").write_text("python: 3.11.1\ndependencies: [-r requirements.txt]\n")
    assert Environment.read(tmp_path, None) == Environment("3.11.1", ())


def test_an_environment_file_that_holds_no_map_is_refused(tmp_path: Path) -> None:
    (tmp_path / "python_env.yaml").write_text("- a\n")
    with pytest.raises(InvalidPackage, match=r"python_env.yaml does not hold a map"):
        Environment.read(tmp_path, None)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-r other.txt", "option of pip"),
        ("six --hash=sha256:00", "option of pip"),
        ("--index-url=https://example.org", "option of pip"),
        ("https://example.org/six.whl", "a place to fetch from"),
        ("six @ git+ssh://git@example.org/six", "a place to fetch from"),
        ("git+https://example.org/six", "a place to fetch from"),
        ("../six", "a place to fetch from"),
        ("./six-1.0.whl", "a place to fetch from"),
        ("six-1.0-py3-none-any.whl", "a place to fetch from"),
        ("C:\\six", "a place to fetch from"),
        ("six; touch x", "refused as a requirement"),
        ("six && touch x", "character '&'"),
        ("six$(touch x)", "character '\\$'"),
        ("six`touch x`", "character '`'"),
        ("six; python_version > '$HOME'", "character '\\$'"),
        ("six\x1b[2J", "control character"),
        ("six\nidna", "control character"),
        ("\u0455ix", "character '\u0455'"),
        ("six" * 200, "more than 500 characters"),
        ("six==not-a-version", "refused as a requirement"),
        ("", "refused as a requirement"),
    ],
)
def test_lines_that_are_not_plain_requirements_are_refused(line: str, reason: str) -> None:
    with pytest.raises(UnsafePackage, match=reason):
        check_requirement(line)


@pytest.mark.parametrize(
    ("line", "normal"),
    [
        ("numpy", "numpy"),
        (" Foo.Bar [b,a] >=1, <2 ", "Foo.Bar[a,b]<2,>=1"),
        ("torch==2.4.0+cpu", "torch==2.4.0+cpu"),
        ("six (>=1!2.0,!=3.*)", "six!=3.*,>=1!2.0"),
        ("six;sys_platform=='win32'", 'six; sys_platform == "win32"'),
    ],
)
def test_plain_requirements_get_their_normal_spelling(line: str, normal: str) -> None:
    assert check_requirement(line) == normal


@given(st.text(max_size=40) | st.text("ab1.*+-_[]<>=!~,;()'\" \t\\@:/#$", max_size=40))
def test_any_text_is_either_refused_or_normal_for_good(text: str) -> None:
    try:
        line = check_requirement(text)
    except UnsafePackage:
        return
    assert check_requirement(line) == line
    assert Requirement(line).url is None


def test_requirements_are_inferred_only_when_nothing_is_given() -> None:
    assert environment_from(default=inferred).requirements == tuple(inferred())
    assert environment_from(pip_requirements=[], default=list).requirements == ()
    environment_from(pip_requirements=["six"], default=lambda: pytest.fail("not needed"))


def test_what_is_given_wins_over_what_was_inferred() -> None:
    environment = environment_from(extra_pip_requirements=["six", "NumPy<2", "scikit-learn[x]"], default=inferred)
    assert environment.requirements == ("six", "NumPy<2", "scikit-learn[x]==1.5.2")


def test_requirements_files_are_read_with_those_that_they_name(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("# mine\nsix\n-r sub/more.txt\n--constraint=c.txt\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.txt").write_text("idna\nsix\n")
    (tmp_path / "c.txt").write_text("idna<4\n")
    environment = environment_from(pip_requirements=tmp_path / "r.txt", default=inferred)
    assert (environment.requirements, environment.constraints) == (("six", "idna"), ("idna<4",))


def test_a_conda_environment_is_kept_but_for_the_list_of_pip(tmp_path: Path) -> None:
    conda = {
        "name": "mine",
        "channels": ["bioconda"],
        "dependencies": ["python=3.12", "samtools=1.9", {"pip": ["six"]}],
    }
    (tmp_path / "mine.yaml").write_text(dump_yaml(conda))
    for given_as in (conda, str(tmp_path / "mine.yaml")):
        environment = environment_from(conda_env=given_as, default=inferred)
        assert (environment.python, environment.requirements) == ("3.12", ("six",))
        environment.write(tmp_path)
        written = load_yaml(tmp_path / "conda.yaml")
        dependencies = ["python=3.12", "samtools=1.9", "pip", {"pip": ["mlflow>=2.10", "six"]}]
        assert written == {"name": "mine", "channels": ["bioconda"], "dependencies": dependencies}
        assert load_yaml(tmp_path / "python_env.yaml")["python"] == "3.12"


def test_contradictory_or_wrong_arguments_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="only one of pip_requirements and conda_env"):
        environment_from(pip_requirements=["six"], conda_env={}, default=inferred)
    with pytest.raises(InvalidArgument, match="no file 'six'"):
        environment_from(pip_requirements="six", default=inferred)
    with pytest.raises(InvalidArgument, match="no file"):
        environment_from(conda_env=str(tmp_path / "none.yaml"), default=inferred)
    with pytest.raises(InvalidArgument, match="list of strings"):
        environment_from(extra_pip_requirements=[None], default=inferred)  # type: ignore[list-item]
    with pytest.raises(InvalidArgument, match="not a map"):
        environment_from(conda_env=["six"], default=inferred)  # type: ignore[arg-type]
    with pytest.raises(UnsafePackage, match=r"pip_requirements, line 2: .*option of pip"):
        environment_from(pip_requirements=["six", "-e ."], default=inferred)


def test_requirements_are_replaced_and_removed_by_name() -> None:
    environment = Environment("3.11", ("mlflow==3.1", "numpy==2.1.0", "scikit_learn==1.5"))
    changed = environment.with_requirements(add=["Scikit-Learn==1.6", "six"], remove=["numpy>1"])
    assert changed.requirements == ("mlflow==3.1", "Scikit-Learn==1.6", "six")
    with pytest.raises(InvalidArgument, match="unknown requirement 'nunpy'"):
        environment.with_requirements(remove=["nunpy"])


def test_mismatches_say_what_is_wanted_and_what_is_here() -> None:
    here = version("numpy")
    lines = [
        "numpy==1.0",
        "numpy>=1.0",
        f"numpy=={here}",
        "numpy<1",
        "none-such",
        "six; python_version < '3'",
        "mlflow==1",
    ]
    assert [str(mismatch) for mismatch in mismatches(lines)] == [
        f"numpy 1.0 wanted, {here} installed",
        f"numpy <1 wanted, {here} installed",
        "none-such wanted, not installed",
    ]
