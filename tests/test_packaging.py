"""Build what users install, and try it where there is no checkout."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
REGISTRY_ENTRY = json.loads((ROOT / "server.json").read_text())


def run(*command: str | Path, cwd: Path, home: Path | None = None) -> str:
    """Run a program without anything of ours in its environment, and insist that it succeeds."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FLAGWRIGHT_", "PYTHON", "XDG_", "VIRTUAL_ENV"))
    }
    if home:
        environment["HOME"] = str(home)
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a fresh environment that holds the wheel, and borrows its dependencies.

    A folder that a `.pth` file names lends its packages but not its own `.pth` files, so the
    editable installation of this checkout stays out.
    """
    home = tmp_path_factory.mktemp("home")
    venv.create(home / "venv", with_pip=False, symlinks=True)
    python = home / "venv" / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=home)
    own = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home)
    Path(own.strip(), "lent.pth").write_text(sysconfig.get_path("purelib"))
    return python.parent


@pytest.mark.parametrize("folder", ["prompts", "policies", "examples/shop"])
def test_the_wheel_carries_every_file_of_a_shipped_folder(wheel: Path, folder: str) -> None:
    tracked = run("git", "ls-files", folder, cwd=ROOT).split()

    inside = ZipFile(wheel).namelist()

    assert tracked
    assert [f"flagwright/_shipped/{path}" in inside for path in tracked] == [True] * len(tracked)


def test_the_wheel_carries_types_and_licence_and_no_rubbish(wheel: Path) -> None:
    inside = ZipFile(wheel).namelist()

    assert "flagwright/py.typed" in inside
    assert f"flagwright-{PROJECT['version']}.dist-info/licenses/LICENSE" in inside
    assert not [name for name in inside if re.search(r"cache|\.pyc|^tests/|\.venv", name)]


def test_the_source_archive_builds_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path, cwd=ROOT)
    (archive,) = tmp_path.glob("*.tar.gz")
    run("tar", "xzf", archive, cwd=tmp_path)
    unpacked = tmp_path / archive.name.removesuffix(".tar.gz")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path, cwd=unpacked)

    assert ZipFile(next(tmp_path.glob("*.whl"))).namelist() == ZipFile(wheel).namelist()


def test_the_installed_command_tells_its_version(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "flagwright", "--version", cwd=tmp_path, home=tmp_path)

    assert said == f"flagwright, version {PROJECT['version']}\n"


def test_the_installed_package_finds_the_policies_that_it_brought(
    installed: Path, tmp_path: Path
) -> None:
    names = {path.stem for path in (ROOT / "policies").glob("*.toml")}
    own = tmp_path / ".config" / "flagwright" / "policies"
    own.mkdir(parents=True)
    for name in names - {"weights"}:
        (own / f"{name}.toml").touch()

    said = run(installed / "flagwright", "policy", "lint", "--json", cwd=tmp_path, home=tmp_path)

    policies = json.loads(said)["policies"]
    files = {policy["name"]: Path(policy["files"][0]) for policy in policies}
    assert set(files) == names
    assert all(file.is_relative_to(installed.parent) for file in files.values())


def test_the_installed_package_scores_as_a_library(installed: Path, tmp_path: Path) -> None:
    diff = "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"

    said = run(
        installed / "python",
        "-c",
        f"import flagwright; print(flagwright.score({diff!r}).band, flagwright.__file__)",
        cwd=tmp_path,
    )

    assert said.startswith("low")
    assert str(installed.parent) in said


def test_the_registry_entry_is_in_step_with_the_project() -> None:
    (package,) = REGISTRY_ENTRY["packages"]

    assert REGISTRY_ENTRY["version"] == package["version"] == PROJECT["version"]
    assert (package["registryType"], package["identifier"]) == ("pypi", PROJECT["name"])
    assert len(REGISTRY_ENTRY["description"]) <= 100


def test_the_package_index_page_names_the_registry_entry() -> None:
    assert f"<!-- mcp-name: {REGISTRY_ENTRY['name']} -->" in (ROOT / "README.md").read_text()


def test_the_registry_entry_names_every_setting_of_ours() -> None:
    read = set(re.findall(r"FLAGWRIGHT_\w+", (ROOT / "src/flagwright/settings.py").read_text()))
    (package,) = REGISTRY_ENTRY["packages"]

    assert {variable["name"] for variable in package["environmentVariables"]} == {
        name for name in read if not name.endswith("_")
    }
