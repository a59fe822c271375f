"""The command line: read arguments, call one method, print. Exit status 0 found or done, 1 nothing or not all, 2 error.

finding    find                       evaluating  eval
similar    similar                    stories     stories
timeline   timeline                   comparing   diff, related, variants
claims     quotes, numbers            changing    index, delete, compact …
looking    show, complete, stats …    options     what several commands take
                                      printing    text for people, safe for a terminal
"""

import gc
import os
import signal
import sys
from importlib import import_module
from itertools import chain

import typer
from typer._click.exceptions import ClickException  # it has no public name

from search.cli.options import DebugOption, IndexOption, set_common
from search.errors import SearchError

COMMANDS = {
    "changing": ("index", "delete", "compact", "backup", "repair"),
    "finding": ("find",),
    "similar": ("similar",),
    "looking": ("show", "complete", "stats", "check", "export"),
    "stories": ("stories",),
    "comparing": ("diff", "related", "variants"),
    "timeline": ("timeline",),
    "claims": ("quotes", "numbers"),
    "evaluating": ("eval",),
}
_HELP = ("-h", "--help")


_INTERRUPTED = 128 + signal.SIGINT
_EXTRA = "Got unexpected extra argument(s)"
_OPTION = "No such option"


def _version(value: bool) -> None:
    if value:
        from search import __version__

        typer.echo(f"search {__version__}")
        raise typer.Exit


def _common(
    index: IndexOption = None,
    debug: DebugOption = False,
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),  # noqa: ARG001  # its callback acts
) -> None:
    set_common(index, debug=debug)


def _program(arguments: list[str]) -> typer.Typer:
    """Return the program, with the commands that the arguments may be of: to make all of them ready takes 15 ms."""
    named = set(arguments)
    if not named.isdisjoint(_HELP) or named.isdisjoint(chain.from_iterable(COMMANDS.values())):
        named.update(*COMMANDS.values())
    program = typer.Typer(
        name="search",
        help="Full-text search for news articles: ranked passages with exact highlights.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": list(_HELP)},
    )
    program.callback()(_common)
    for name, commands in COMMANDS.items():
        if not named.isdisjoint(commands):
            module = import_module(f"search.cli.{name}")
            for command in commands:
                program.command()(getattr(module, command))
    return program


def main() -> None:
    """Run the command line and exit."""
    # A command leaves no garbage in cycles (800 objects of 100,000 articles indexed); to look for it takes 8 ms of 180.
    gc.disable()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; return its exit status."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _program(arguments)(args=arguments or ["--help"], prog_name="search", standalone_mode=False)
        sys.stdout.flush()
    except ClickException as error:
        context = getattr(error, "ctx", None)  # of a wrong use of a command
        command = context.command_path if context else "search"
        said = error.format_message().rstrip(".")
        if said.startswith(_EXTRA):
            said = f"Too many arguments{said.removeprefix(_EXTRA)}: put several words in quotes"
        if said.startswith(_OPTION):
            said += "; what begins with a hyphen and is no option stands behind --"
        return _fail(f"{said}. Try: {command} --help")
    except SearchError as error:
        return _fail(str(error), error)
    except (KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    except (BrokenPipeError, SystemExit):  # typer makes the second of the first; no command exits by itself
        _drop_output()  # whoever read has seen enough
        return 0
    except OSError as error:  # of an index or an input it would be a SearchError
        _drop_output()
        where = error.filename or "standard output"
        return _fail(f"{where}: {error.strerror or error}; check the file system and run the command again", error)
    except MemoryError as error:
        return _fail("out of memory; close other programs or index less at a time", error)
    except Exception as error:  # noqa: BLE001  # a bug of ours: still one line, and how to see more
        return _fail(f"unexpected {type(error).__name__}: {error}; run again with --debug and report it", error)
    if status == _INTERRUPTED:  # typer may make it of an interrupt, too
        _say("search: interrupted; what was committed before is kept")
    return status if isinstance(status, int) else 0


def _open_closed() -> None:
    """Open standard streams that the shell closed (`>&-`), lest a file of the index gets their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)
            if handle != number:
                os.dup2(handle, number)
                os.close(handle)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def _drop_output() -> None:
    """Let what is still buffered go nowhere, as flushing it at exit would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str, error: BaseException | None = None) -> int:
    from search.cli.options import common

    if error is not None and common.debug:
        from traceback import print_exception

        print_exception(error)
    _say(f"search: {message}")
    return 2


def _say(message: str) -> None:
    from search.cli.printing import plain

    print(plain(" ".join(message.split())), file=sys.stderr)
