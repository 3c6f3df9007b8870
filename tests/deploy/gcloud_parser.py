"""Parses gcloud commands with gcloud's own parser, and runs none of them.

Usage: python gcloud_parser.py SDK_ROOT, with a JSON list of lists of words on standard input (without the word gcloud).
Prints a JSON list: null for a command that gcloud takes, else what it says.
"""
import json
import os
import sys
import tempfile

root = sys.argv[1]
sys.path[:0] = [os.path.join(root, "lib"), os.path.join(root, "lib", "third_party")]
output = os.dup(1)
said = tempfile.TemporaryFile("w+")
# gcloud keeps these two as they are when it is loaded.
os.dup2(said.fileno(), 1)
os.dup2(said.fileno(), 2)

from googlecloudsdk import gcloud_main  # noqa: E402
from googlecloudsdk.calliope import backend  # noqa: E402


def stop_here(self, cli, args):
    """In the place of the command."""


backend.Command.Run = stop_here
cli = gcloud_main.CreateCLI([])


def complaint(words):
    said.seek(0)
    said.truncate()
    try:
        cli.Execute(words)
    except SystemExit as ended:
        if ended.code:
            sys.stderr.flush()
            said.seek(0)
            return said.read() or "refused"
    except Exception as thrown:
        return str(thrown)
    return None


answers = [complaint(words) for words in json.load(sys.stdin)]
with os.fdopen(output, "w") as to:
    json.dump(answers, to)
