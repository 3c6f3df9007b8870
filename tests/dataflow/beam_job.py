"""Prints the job that Beam's own Dataflow runner would submit for a graph: beam_job.py GRAPH OPTION…

Nothing is uploaded or submitted, and no credentials are looked for: only the client's edges are replaced.
"""
import sys
from unittest import mock

from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_runner_api_pb2
from apache_beam.runners.dataflow import dataflow_runner
from apache_beam.runners.dataflow.internal import apiclient

Client = apiclient.DataflowApplicationClient


def without_network(client, options, root_staging_location=None):
  client.environment_version = apiclient._FNAPI_ENVIRONMENT_MAJOR_VERSION
  client._sdk_image_overrides = {}


graph = beam_runner_api_pb2.Pipeline()
with open(sys.argv[1], 'rb') as file:
  graph.ParseFromString(file.read())

sent = []
with mock.patch.object(Client, '__init__', without_network), \
     mock.patch.object(Client, 'stage_file_with_retry'), \
     mock.patch.object(Client, '_stage_resources', return_value=[]), \
     mock.patch.object(Client, 'submit_job_description', lambda client, job: sent.append(job)):
  try:
    dataflow_runner.DataflowRunner().run_pipeline(None, PipelineOptions(sys.argv[2:]), graph)
  except Exception:
    if not sent:  # Afterwards it wants to watch a job that is not there.
      raise
print(sent[0].json())
