"""Gives each command line of standard input to vLLM's own argument parser, on a machine without a GPU.

Reads {"commands": {case: [argument, …]}, "launches": {case: [argument, …]}} as JSON, without the words "vllm serve".
Writes {"commands": {case: null | "why it was refused"}, "launches": {case: fields of ParallelConfig | "why not"}}.
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
# What the parser takes as free text and the engine looks up when it starts: module, class that registers names.
REGISTERS = {
    "connector": ("vllm.distributed.kv_transfer.kv_connector.factory", "KVConnectorFactory"),
    "offload spec": ("vllm.v1.kv_offload.factory", "OffloadingSpecFactory"),
    "offload tier": ("vllm.v1.kv_offload.tiering.factory", "SecondaryTierFactory"),
}
LAUNCH_FIELDS = (
    "data_parallel_size",
    "data_parallel_size_local",
    "data_parallel_rank",
    "data_parallel_external_lb",
    "data_parallel_hybrid_lb",
)
REASON_LENGTH_MAX = 600


def first_module(places):
    for place in places:
        try:
            return importlib.import_module(place)
        except ModuleNotFoundError as error:
            # Only the place itself may be missing; a missing dependency is told.
            if error.name is None or not place.startswith(error.name):
                raise
    return None


def registered_names():
    modules = {kind: (first_module([place]), name) for kind, (place, name) in REGISTERS.items()}
    return {
        kind: set() if module is None else set(getattr(module, name)._registry)
        for kind, (module, name) in modules.items()
    }


def named(config):
    """Each name that the engine would look up, with its kind."""
    if config.get("kv_connector_module_path") is None:
        yield "connector", config.get("kv_connector")
    extra = config.get("kv_connector_extra_config") or {}
    if "spec_name" in extra:
        yield "offload spec", extra["spec_name"]
    for tier in extra.get("secondary_tiers", []):
        yield "offload tier", tier["type"]
    for link in extra.get("connectors", []):
        yield from named(link)


class Judge:
    def __init__(self):
        from vllm.engine.arg_utils import AsyncEngineArgs
        from vllm.utils.argparse_utils import FlexibleArgumentParser

        self.cli_args = first_module(PLACES)
        if self.cli_args is None:
            raise SystemExit("vLLM has its argument parser in none of the known places")
        self.engine_args = AsyncEngineArgs
        self.parser = self.cli_args.make_arg_parser(FlexibleArgumentParser(prog="vllm serve"))
        self.registered = registered_names()

    def verdict(self, work, argv):
        """What the work returns, or why vLLM refused."""
        said = io.StringIO()
        try:
            with contextlib.redirect_stderr(said):
                return work(argv)
        except SystemExit:
            return said.getvalue().strip()[-REASON_LENGTH_MAX:]
        except (TypeError, ValueError) as error:
            return str(error)[:REASON_LENGTH_MAX]

    def command(self, argv):
        _, engine_args = self.parsed(argv)
        transfer = engine_args.kv_transfer_config
        for kind, name in [] if transfer is None else named(vars(transfer)):
            if name not in self.registered[kind]:
                raise ValueError(f'no {kind} is registered as "{name}"')

    def launch(self, argv):
        args, engine_args = self.parsed(argv)
        parallel = engine_args.create_engine_config(headless=args.headless).parallel_config
        return {field: getattr(parallel, field) for field in LAUNCH_FIELDS}

    def parsed(self, argv):
        args = self.parser.parse_args(argv)
        self.cli_args.validate_parsed_serve_args(args)
        args.model = args.model_tag
        return args, self.engine_args.from_cli_args(args)


def main():
    judge = Judge()
    asked = json.load(sys.stdin)
    # Launches first: in some releases a command that returns routed experts changes the parser's own defaults.
    answer = {
        kind: {name: judge.verdict(work, argv) for name, argv in asked[kind].items()}
        for kind, work in (("launches", judge.launch), ("commands", judge.command))
    }
    sys.stdout.write("\n" + json.dumps(answer) + "\n")


main()
