"""Gives each command line of standard input to vLLM's own argument parser, on a machine without a GPU.

Reads a JSON object {case: [argument, …]} without the words "vllm serve"; writes {case: null | "why it was refused"}.
Nothing of vLLM is stubbed: it is told that it runs on the CPU platform, which is one of its own.
"""

import contextlib
import importlib
import io
import json
import sys

import vllm.platforms
from vllm.platforms.cpu import CpuPlatform

vllm.platforms._current_platform = CpuPlatform()

# Where make_arg_parser stands, newest release first.
PLACES = (
    "vllm.entrypoints.common.cli_args",
    "vllm.entrypoints.launchers.cli_args",
    "vllm.entrypoints.openai.cli_args",
)


def find_cli_args():
    for place in PLACES:
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as error:
            # Only the place itself may be missing; a missing dependency is told.
            if error.name is None or not place.startswith(error.name):
                raise
    raise SystemExit("vLLM has its argument parser in none of the known places")


def check(cli_args, parser, connectors, argv):
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            args = parser.parse_args(argv)
            cli_args.validate_parsed_serve_args(args)
    except SystemExit:
        return said.getvalue().strip().splitlines()[-1]
    except (TypeError, ValueError) as error:
        return str(error)
    return check_connectors(args.kv_transfer_config, connectors)


def check_connectors(config, connectors):
    """The parser takes any name; the engine looks it up in this register when it starts."""
    if config is None:
        return None
    extra = config.kv_connector_extra_config
    names = [config.kv_connector] + [one["kv_connector"] for one in extra.get("connectors", [])]
    unknown = [name for name in names if name not in connectors]
    return f"not registered: {', '.join(unknown)}" if unknown else None


def main():
    cli_args = find_cli_args()
    from vllm.distributed.kv_transfer.kv_connector.factory import KVConnectorFactory
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = cli_args.make_arg_parser(FlexibleArgumentParser(prog="vllm serve"))
    connectors = set(KVConnectorFactory._registry)
    commands = json.load(sys.stdin)
    verdicts = {name: check(cli_args, parser, connectors, argv) for name, argv in commands.items()}
    sys.stdout.write("\n" + json.dumps(verdicts) + "\n")


main()
