"""Options that many commands share."""
# ruff: noqa: PLC0415 - commands start fast: what they do is imported when they run

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., None]

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the hub keeps its data. Default: $CLASSHUB_DATA, else ~/.local/share/classhub.",
)
config_option = click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="The settings file."
)
json_option = click.option("--json", "as_json", is_flag=True, help="For scripts.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


class Listing(click.Group):
    """A group whose command `list` runs where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` before options that have no command before them."""
        asks_for_none = not args or (args[0][:1] == "-" and args[0] not in ("-h", "--help"))
        if asks_for_none and not ctx.resilient_parsing:  # which is how a shell completes
            args = ["list", *args]
        return super().parse_args(ctx, args)


def hub_options(command: Command) -> Command:
    """Add the options that say which running hub is meant; the command is given `where`."""

    @functools.wraps(command)
    def with_where(
        *,
        data: Path | None,
        config: Path | None,
        url: str | None,
        token: str | None,
        certificate: Path | None,
        **more: Any,
    ) -> None:
        from hub.cli._remote import Where

        where = Where(data=data, config=config, url=url, token=token, certificate=certificate)
        command(where=where, **more)

    with_url = click.option(
        "--url",
        envvar="CLASSHUB_URL",
        help="A hub elsewhere, such as http://10.0.0.5:8420; also $CLASSHUB_URL. Needs a token.",
    )
    with_token = click.option(
        "--token",
        envvar="CLASSHUB_TOKEN",
        help="The token for it; better given as $CLASSHUB_TOKEN, where `ps` does not show it.",
    )
    with_certificate = click.option(
        "--certificate",
        envvar="CLASSHUB_CERTIFICATE",
        type=click.Path(path_type=Path, dir_okay=False),
        help="With https: its certificate or its authority's (PEM), where nobody else trusts it.",
    )
    return data_option(config_option(with_url(with_token(with_certificate(with_where)))))
