"""Reads a file for Cloud Build as `gcloud builds submit --config` does, and submits nothing.

Usage: python build_config.py SDK_ROOT FILE, with the substitutions as a JSON object on standard input. Prints the build.
"""
import json
import os
import sys

root, path = sys.argv[1:]
sys.path[:0] = [os.path.join(root, "lib"), os.path.join(root, "lib", "third_party")]

from googlecloudsdk import gcloud_main  # noqa: E402, F401: it brings the rest onto the path
from apitools.base.py import encoding  # noqa: E402
from googlecloudsdk.api_lib.cloudbuild import cloudbuild_util, config  # noqa: E402

build = config.LoadCloudbuildConfigFromPath(path, cloudbuild_util.GetMessagesModule(), params=json.load(sys.stdin))
print(encoding.MessageToJson(build))
