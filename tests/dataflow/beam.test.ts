/** Whether Beam's own runner for Dataflow, in Python, takes our graph, and would send the same job. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { prepareJob } from '../../pipeline/index.ts'
import { parseSettings } from '../../src/settings.ts'

/** A Python that has apache-beam[gcp]. */
const python = process.env.SLUICE_TEST_BEAM_PYTHON ?? 'python3'

const settings = parseSettings({ SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: 'acme-shop', SLUICE_REGION: 'europe-west1' })
const CHOICES = {
  image: 'europe-west1-docker.pkg.dev/acme-shop/dev-sluice/worker:1a2b3c4',
  machineType: 'n2-standard-2',
  maxWorkers: 10,
  workers: 2,
  tempLocation: 'gs://acme-temp/dataflow',
  subnetwork: 'regions/europe-west1/subnetworks/shop',
  publicIps: false,
  bundlesPerWorker: 12,
  kmsKey: 'projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/sluice',
  label: ['team=orders'],
  serviceOption: ['enable_google_cloud_profiler'],
}
/** The same in Beam's words. */
const OPTIONS = [
  '--streaming',
  '--project=acme-shop',
  '--region=europe-west1',
  '--worker_region=europe-west1',
  '--job_name=dev-pipeline-dataflow',
  `--sdk_container_image=${CHOICES.image}`,
  '--sdk_location=container',
  '--machine_type=n2-standard-2',
  '--max_num_workers=10',
  '--num_workers=2',
  '--autoscaling_algorithm=THROUGHPUT_BASED',
  `--temp_location=${CHOICES.tempLocation}`,
  `--staging_location=${CHOICES.tempLocation}/staging`,
  '--service_account_email=dev-pipeline@acme-shop.iam.gserviceaccount.com',
  `--subnetwork=${CHOICES.subnetwork}`,
  '--no_use_public_ips',
  '--number_of_worker_harness_threads=12',
  `--dataflow_kms_key=${CHOICES.kmsKey}`,
  '--labels=team=orders',
  '--dataflow_service_options=enable_google_cloud_profiler',
  '--experiments=use_sibling_sdk_workers', // as the SDK for TypeScript has it
]

test('Beam’s runner in Python takes the graph, and would send the same job', { timeout: 120_000 }, async (context) => {
  const there = spawnSync(python, ['-c', 'import apache_beam.runners.dataflow.internal.apiclient'])
  context.skip(there.status !== 0, 'apache-beam[gcp] is not installed')
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { job, graph } = await prepareJob(settings, CHOICES, { everyMs: 10_000, maxMessages: 5_000 })
  writeFileSync(join(folder, 'pipeline.pb'), graph.bytes)
  const script = join(import.meta.dirname, 'beam_job.py')
  const run = spawnSync(python, [script, join(folder, 'pipeline.pb'), ...OPTIONS], { encoding: 'utf8' })
  expect([run.status, run.status === 0 ? '' : run.stderr]).toEqual([0, ''])
  const theirs = JSON.parse(run.stdout)

  expect(comparable(job)).toEqual(comparable(theirs))
  expect(pipelineUrl(theirs)).toMatch(/^gs:\/\/acme-temp\/dataflow\/staging\/.*\/pipeline\.pb$/)
  expect(pipelineUrl(job)).toMatch(/^gs:\/\/acme-temp\/dataflow\/staging\/.*\/pipeline\.pb$/)
})

// biome-ignore lint/suspicious/noExplicitAny: jobs of two makers, whose difference is what the test looks for
type AnyJob = any

const pipelineUrl = (job: AnyJob): string => job.environment.sdkPipelineOptions.options.pipelineUrl

/**
 * Without what each submission has anew, what names the SDK, and what Python fills in for itself: Go's runner leaves out
 * `clusterManagerApiService`, `dataset`, `dataDisks` and `taskrunnerSettings` as we do, and names project and place.
 */
function comparable({ clientRequestId, projectId, location, steps, environment, ...job }: AnyJob) {
  const { userAgent, sdkPipelineOptions, clusterManagerApiService, dataset, tempStoragePrefix, ...rest } = environment
  const [{ dataDisks, taskrunnerSettings, ...pool }, ...morePools] = rest.workerPools
  return {
    ...job,
    environment: {
      ...rest,
      experiments: rest.experiments.toSorted(),
      tempStoragePrefix: tempStoragePrefix.split('/').slice(0, 3).join('/'),
      workerPools: [pool, ...morePools],
    },
  }
}
