"""What a secret looks like, and what is left alone."""

from __future__ import annotations

import time

import pytest

from agentflow.redact import Redactor

AWS = "AKIA" + "ABCDEFGHIJKLMNOP"
GITHUB = "ghp_" + "a1B2" * 9


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        pytest.param("key sk-proj-abc123def456ghi789 end", "key [redacted: key] end", id="an OpenAI key"),
        pytest.param("sk-ant-api03-AbC_123-xyz9876543", "[redacted: key]", id="an Anthropic key"),
        pytest.param(f"id={AWS}", "id=[redacted: aws key]", id="an AWS key"),
        pytest.param(f"token {GITHUB}.", "token [redacted: github token].", id="a GitHub token"),
        pytest.param("glpat-" + "x" * 20, "[redacted: gitlab token]", id="a GitLab token"),
        pytest.param("xoxb-1234567890-abc", "[redacted: slack token]", id="a Slack token"),
        pytest.param("AIza" + "b" * 35, "[redacted: google key]", id="a Google key"),
        pytest.param("hf_" + "c" * 30, "[redacted: hugging face token]", id="a Hugging Face token"),
        pytest.param("gsk_" + "d" * 30, "[redacted: groq key]", id="a Groq key"),
        pytest.param("Authorization: Bearer abc.def-123456", "Authorization: Bearer [redacted: bearer]", id="a bearer"),
        pytest.param("postgres://ann:hunter22@db:5432/x", "postgres://[redacted: credentials]@db:5432/x", id="a url"),
        pytest.param('{"api_key": "abcdefgh1"}', '{"[redacted: assigned secret]"}', id="an assignment"),
        pytest.param("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0", "[redacted: jwt]", id="a JSON web token"),
        pytest.param(
            "a -----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY----- b",
            "a [redacted: private key] b",
            id="a private key",
        ),
        pytest.param("-----BEGIN PRIVATE KEY-----\nMIIcut off", "[redacted: private key]", id="half a private key"),
    ],
)
def test_known_shapes_are_taken_out(text: str, clean: str) -> None:
    """Each shape is replaced by its name, and the words around it stay."""
    assert Redactor().text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("total 1,234.50 at 12:30, ask-me-anything-about-it", id="a receipt"),
        pytest.param("sk-learn-is-a-nice-library", id="a library"),
        pytest.param("https://example.com:8080/a:b@c", id="an address with a port"),
        pytest.param("the password is wrong", id="a sentence about one"),
        pytest.param("Bearer of bad news", id="a bearer of news"),
    ],
)
def test_plain_words_stay(text: str) -> None:
    """A report is for reading."""
    assert Redactor().text(text) == text


def test_the_environments_secrets_are_known_by_heart() -> None:
    """A value is found wherever it stands, whatever it looks like, when its variable's name says that it is secret."""
    redactor = Redactor.of_environment(
        {"ACME_API_KEY": "plain words 1", "DB_PASSWORD": "hunter22x", "HOME": "/home/ann"}
    )

    clean = redactor.text("(plain words 1) hunter22x /home/ann")

    assert clean == "([redacted: ACME_API_KEY]) [redacted: DB_PASSWORD] /home/ann"


def test_a_secret_inside_a_longer_one_does_not_unmask_it() -> None:
    """The longest known value goes first."""
    redactor = Redactor.of_environment({"A_TOKEN": "12345678", "B_TOKEN": "12345678-and-more"})

    assert redactor.text("12345678-and-more") == "[redacted: B_TOKEN]"


def test_short_values_are_no_secrets() -> None:
    """A token called `true` does not blacken every truth in a report."""
    assert Redactor.of_environment({"USE_TOKEN": "true", "X_TOKEN": "   "}).text("true") == "true"


def test_json_values_are_redacted_throughout() -> None:
    """Keys, nested lists and objects that become texts are all covered; numbers stay numbers."""
    redactor = Redactor.of_environment({"A_TOKEN": "secretsecret"})

    clean = redactor.value({"secretsecret": ["secretsecret", {"n": 1, "e": ValueError("secretsecret")}], "ok": None})

    assert clean == {
        "[redacted: A_TOKEN]": ["[redacted: A_TOKEN]", {"n": 1, "e": "[redacted: A_TOKEN]"}],
        "ok": None,
    }


@pytest.mark.parametrize(
    "text",
    ["://" * 50_000, "-eyJ" * 50_000, "password" * 20_000, "sk-" * 50_000, "-----BEGIN PRIVATE KEY-----" * 5_000],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    """No pattern goes quadratic on what a model may have written."""
    began = time.process_time()

    Redactor().text(text)

    assert time.process_time() - began < 2
