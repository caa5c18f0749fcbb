"""Which source wins, what a project may not do, and what a mistake is answered with."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from agentflow.errors import ConfigurationError
from agentflow.settings import ProviderLimits, Settings, load_settings
from agentflow.usage import Price


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository's root."""
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    return root


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the user's own file lives."""
    folder = tmp_path / "home"
    (folder / "agentflow").mkdir(parents=True)
    return folder


def load(
    project: Path, home: Path, *, flags: dict[str, object] | None = None, environ: dict[str, str] | None = None
) -> Settings:
    return load_settings(flags, environ={"XDG_CONFIG_HOME": str(home)} | (environ or {}), folder=project)


def test_nothing_configured_is_the_defaults(project: Path, home: Path) -> None:
    """Without any source there is no budget, no ladder and a state folder in the working folder."""
    settings = load(project, home)

    assert (settings.budget, settings.ladder, settings.strict) == (None, (), False)
    assert settings.state == project / ".agentflow"


def test_the_strongest_source_wins(project: Path, home: Path) -> None:
    """Flags go before the environment, which goes before the project's file, which goes before the user's."""
    (home / "agentflow/config.toml").write_text('account = "user"\nadapter = "json"\ndurability = "power"\n')
    (project / "agentflow.toml").write_text('account = "project"\nadapter = "chat"\n')

    settings = load(project, home, flags={"account": "flag"}, environ={"AGENTFLOW_ACCOUNT": "environment"})

    assert (settings.account, settings.adapter, settings.durability) == ("flag", "chat", "power")
    assert settings.origins["account"] == "flag"
    assert settings.origins["adapter"] == str(project / "agentflow.toml")
    assert settings.origins["durability"] == str(home / "agentflow/config.toml")


@pytest.mark.parametrize(
    ("mine", "theirs", "allowed"),
    [
        pytest.param("1", "100", "1", id="a project that wants more gets no more"),
        pytest.param("1", "0.10", "0.10", id="a project that wants less gets less"),
        pytest.param(None, "2", "2", id="a project may set a limit where there was none"),
    ],
)
def test_a_project_may_only_narrow_a_budget(
    project: Path, home: Path, mine: str | None, theirs: str, allowed: str
) -> None:
    """Limit by limit the tighter one holds, even against a flag."""
    (project / "agentflow.toml").write_text(f"budget.usd = {theirs}\n")

    settings = load(project, home, flags={"budget": {"usd": mine}})

    assert settings.budget is not None
    assert settings.budget.usd == Decimal(allowed)


def test_a_narrowed_limit_names_both_sides(project: Path, home: Path) -> None:
    """Whoever wonders about a small budget learns which file made it small."""
    (project / "agentflow.toml").write_text("[budget]\ncalls = 5\n")

    settings = load(project, home, environ={"AGENTFLOW_MAX_CALLS": "50"})

    assert settings.origins["budget.calls"] == f"{project / 'agentflow.toml'} (narrows environment)"


def test_a_limit_of_each_source_holds(project: Path, home: Path) -> None:
    """Limits that different sources set add up to one budget."""
    (home / "agentflow/config.toml").write_text("[budget]\nseconds = 60\nusd = 3\n")

    settings = load(project, home, flags={"budget": {"tokens": 10}}, environ={"AGENTFLOW_MAX_USD": "2.50"})

    assert str(settings.budget) == "usd=2.50, tokens=10, seconds=60.0"


def test_a_deadline_is_compared_as_a_moment(project: Path, home: Path) -> None:
    """06:00 in Berlin is earlier than 05:30 in London, whatever the digits say."""
    (project / "agentflow.toml").write_text("[budget]\nuntil = 2026-12-31T06:00:00+01:00\n")

    settings = load(project, home, environ={"AGENTFLOW_MAX_UNTIL": "2026-12-31T05:30:00+00:00"})

    assert settings.budget is not None
    assert settings.budget.until == "2026-12-31T05:00:00+00:00"


def test_a_ladder_can_be_named_or_described(project: Path, home: Path) -> None:
    """The environment lists names; a file may say more about each tier."""
    (project / "agentflow.toml").write_text(
        'ladder = ["local/nano-s", {model = "openai/gpt-5-mini", max_tokens = 2_000, optional = true}]\n'
    )

    named = load(project, home, environ={"AGENTFLOW_LADDER": "local/nano-s, openai/gpt-5-mini"}).ladder
    described = load(project, home).ladder

    assert [tier.model for tier in named] == [tier.model for tier in described]
    assert (described[1].cap, described[1].optional) == (2_000, True)


def test_prices_and_provider_limits_are_values(project: Path, home: Path) -> None:
    """Own prices are USD per million tokens; what a cache costs may be priced apart."""
    (project / "agentflow.toml").write_text(
        '[prices."acme/one"]\ninput = 0.25\noutput = "2.00"\n[providers.acme]\nconcurrency = 8\nrpm = 500\n'
    )

    settings = load(project, home)

    assert settings.prices["acme/one"] == Price.per_million("0.25", "2.00")
    assert settings.providers["acme"] == ProviderLimits(concurrency=8, rpm=500)


def test_pyproject_serves_as_the_project_file(project: Path, home: Path) -> None:
    """`[tool.agentflow]` is read from a subfolder too, and the state folder lies beside the file."""
    (project / "pyproject.toml").write_text("[tool.agentflow]\nstrict = true\n")
    below = project / "deep" / "down"
    below.mkdir(parents=True)

    settings = load(below, home)

    assert settings.strict
    assert settings.state == project / ".agentflow"


def test_a_file_above_the_repository_is_not_ours(project: Path, home: Path) -> None:
    """The walk up ends at the root of the repository."""
    (project.parent / "agentflow.toml").write_text("strict = true\n")

    assert not load(project, home).strict


def test_a_file_above_is_ignored_outside_a_repository(tmp_path: Path, home: Path) -> None:
    """In a shared folder such as /tmp nobody else's file may configure a run."""
    (tmp_path / "agentflow.toml").write_text("strict = true\n")
    below = tmp_path / "below"
    below.mkdir()

    assert not load(below, home).strict


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("[budgt]\nusd = 1", "budgt is no setting; did you mean 'budget'", id="an unknown section"),
        pytest.param("[budget]\nusb = 1", "budget.usb is no limit; did you mean 'usd'", id="an unknown limit"),
        pytest.param("budget = 5", "budget must be a table, not 5", id="a section that is no table"),
        pytest.param(
            "[budget]\ntokens = '5'", "budget.tokens must be a number, not the text '5'", id="a text for a number"
        ),
        pytest.param("[budget]\ntokens = 1.5", "budget.tokens must be a whole number", id="a fraction of a token"),
        pytest.param("[budget]\nusd = -1", "budget.usd must be a number from 0 up", id="a negative limit"),
        pytest.param("[budget]\nusd = nan", "budget.usd must be a number from 0 up", id="no number at all"),
        pytest.param("[budget]\ncalls = true", "budget.calls must be a number, not True", id="a truth for a number"),
        pytest.param("[budget]\nuntil = 'soon'", "budget.until must be a moment such as", id="a vague deadline"),
        pytest.param("durability = 'magic'", "durability must be one of process, power", id="an unknown durability"),
        pytest.param("strict = 'yes'", "strict must be true or false", id="a text for a truth"),
        pytest.param("ladder = []", "ladder must be a list of tiers", id="an empty ladder"),
        pytest.param("ladder = [{attempts = 2}]", r"ladder\[0\] needs a model", id="a tier without a model"),
        pytest.param("ladder = [{model = 'a/b', attempts = 0}]", "tries at least once", id="a tier that never tries"),
        pytest.param("ladder = [{model = 'a/b', atempts = 2}]", "did you mean 'attempts'", id="an unknown option"),
        pytest.param("prices.x.input = 1", "prices.x needs both input and output", id="half a price"),
        pytest.param("prices.x = {input=1, output=1, cache=1}", "did you mean 'cached'", id="an unknown price"),
        pytest.param("providers.x.rps = 1", "providers.x.rps is no limit of a provider", id="an unknown limit there"),
        pytest.param("x = = 1", "cannot be read: Invalid", id="broken TOML"),
    ],
)
def test_a_mistake_names_file_key_and_way_out(project: Path, home: Path, text: str, complaint: str) -> None:
    """What is wrong, where it stands and what was probably meant."""
    path = project / "agentflow.toml"
    path.write_text(text + "\n")

    with pytest.raises(ConfigurationError, match=complaint) as caught:
        load(project, home)

    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "text", "complaint"),
    [
        pytest.param("AGENTFLOW_MAX_UDS", "1", "did you mean 'AGENTFLOW_MAX_USD'", id="a misspelt name"),
        pytest.param("AGENTFLOW_MAX_USD", "much", "AGENTFLOW_MAX_USD must be a number, not 'much'", id="no number"),
        pytest.param("AGENTFLOW_STRICT", "maybe", "AGENTFLOW_STRICT must be true or false", id="no truth"),
        pytest.param("AGENTFLOW_LADDER", " , ", "AGENTFLOW_LADDER must be a list of tiers", id="no tier"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(
    project: Path, home: Path, variable: str, text: str, complaint: str
) -> None:
    """A typo in a variable is refused: a budget that is silently ignored is no budget."""
    with pytest.raises(ConfigurationError, match=complaint):
        load(project, home, environ={variable: text})


def test_bytes_that_are_no_text_are_refused(project: Path, home: Path) -> None:
    """A binary file in the place of a configuration is named."""
    (project / "agentflow.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigurationError, match=r"agentflow\.toml: cannot be read"):
        load(project, home)
