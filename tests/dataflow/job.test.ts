import {
  DockerPayload,
  Pipeline,
  type Pipeline as PipelineProto,
  PubSubReadPayload,
} from 'apache-beam/proto/beam_runner_api'
import { describe, expect, test } from 'vitest'
import { type DataflowChoices, prepareJob } from '../../pipeline/index.ts'
import { parseSettings } from '../../src/settings.ts'
import { faultsOf } from './discovery.ts'

const settings = parseSettings({ SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: 'acme-shop', SLUICE_REGION: 'europe-west1' })
const IMAGE = 'europe-west1-docker.pkg.dev/acme-shop/dev-sluice/sluice:1a2b3c4'
const REQUIRED = {
  image: IMAGE,
  machineType: 'n2-standard-2',
  maxWorkers: 10,
  tempLocation: 'gs://acme-temp/dataflow/',
}
const PANES = { everyMs: 10_000, maxMessages: 5_000 }

const prepare = (choices: DataflowChoices = {}) => prepareJob(settings, { ...REQUIRED, ...choices }, PANES)

const EVERY_CHOICE: DataflowChoices = {
  workers: 3,
  stagingLocation: 'gs://acme-staging/graphs',
  jobName: 'orders-1',
  serviceAccount: 'worker@acme-shop.iam.gserviceaccount.com',
  zone: 'europe-west1-b',
  network: 'shop',
  subnetwork: 'regions/europe-west1/subnetworks/shop',
  publicIps: false,
  kmsKey: 'projects/keys/locations/europe-west1/keyRings/ring/cryptoKeys/sluice',
  bundlesPerWorker: 12,
  label: ['team=orders', 'empty='],
  experiment: ['min_cpu_platform=Intel Cascade Lake'.replaceAll(' ', '_'), 'beam_fn_api'],
  serviceOption: ['enable_google_cloud_profiler'],
  update: true,
  renamed: ['writeRows=rows'],
}

test('a job has only fields, types and values that Dataflow’s API knows', async () => {
  expect(faultsOf('Job', (await prepare()).job)).toEqual([])
  expect(faultsOf('Job', (await prepare(EVERY_CHOICE)).job)).toEqual([])
  expect(faultsOf('Job', { type: 'STREAMING', environment: { workers: 1 }, labels: { a: 1 } })).toEqual([
    'Job.type is "STREAMING"',
    'Job.environment.workers is unknown',
    'Job.labels.a is no string',
  ])
})

test('each option is where the service looks for it', async () => {
  const { job, options } = await prepare(EVERY_CHOICE)
  expect(job).toMatchObject({
    name: 'orders-1',
    projectId: 'acme-shop',
    location: 'europe-west1',
    type: 'JOB_TYPE_STREAMING',
    labels: { team: 'orders', empty: '' },
    transformNameMapping: { writeRows: 'rows' },
    steps: [],
    environment: {
      serviceAccountEmail: EVERY_CHOICE.serviceAccount,
      workerZone: 'europe-west1-b',
      serviceKmsKeyName: EVERY_CHOICE.kmsKey,
      serviceOptions: ['enable_google_cloud_profiler'],
      tempStoragePrefix: 'storage.googleapis.com/acme-temp/dataflow',
      workerPools: [
        {
          kind: 'harness',
          machineType: 'n2-standard-2',
          numWorkers: 3,
          numThreadsPerWorker: 12,
          autoscalingSettings: { algorithm: 'AUTOSCALING_ALGORITHM_BASIC', maxNumWorkers: 10 },
          network: 'shop',
          subnetwork: 'regions/europe-west1/subnetworks/shop',
          ipConfiguration: 'WORKER_IP_PRIVATE',
          workerHarnessContainerImage: IMAGE,
        },
      ],
    },
  })
  expect(job.environment).not.toHaveProperty('workerRegion') // the API wants one of zone and region
  expect(options.update).toBe(true)
})

test('what costs money or decides where data lie is never made up', async () => {
  const { environment } = (await prepare()).job
  expect(environment).toMatchObject({
    workerRegion: 'europe-west1',
    serviceAccountEmail: 'dev-pipeline@acme-shop.iam.gserviceaccount.com',
    workerPools: [{ autoscalingSettings: { maxNumWorkers: 10 }, ipConfiguration: 'WORKER_IP_PUBLIC' }],
  })
  expect((environment.workerPools as object[])[0]).not.toHaveProperty('numWorkers')
})

test('experiments are those of a streaming job of Runner v2, each once, and those that were asked for', async () => {
  const { environment } = (await prepare(EVERY_CHOICE)).job
  expect(environment.experiments).toEqual([
    'beam_fn_api',
    'use_unified_worker',
    'use_runner_v2',
    'use_portable_job_submission',
    'enable_streaming_engine',
    'enable_windmill_service',
    'use_multiple_sdk_containers',
    'use_sibling_sdk_workers',
    'min_cpu_platform=Intel_Cascade_Lake',
  ])
  expect(environment).toHaveProperty('sdkPipelineOptions.options.experiments', environment.experiments)
})

test('the workers are told which project and environment they work for', async () => {
  const { environment } = (await prepare()).job
  expect(environment).toHaveProperty('sdkPipelineOptions.options.sluice', {
    SLUICE_BACKEND: 'gcp',
    SLUICE_PROJECT: 'acme-shop',
    SLUICE_ENV: 'dev',
  })
})

describe('the graph', () => {
  const graphOf = async (choices?: DataflowChoices) => Pipeline.fromBinary((await prepare(choices)).graph.bytes)
  const named = ({ components }: PipelineProto, name: string) =>
    Object.values(components!.transforms).find(({ uniqueName }) => uniqueName === name)!

  test('is staged under the hash of its content, and the job says where', async () => {
    const { graph, job } = await prepare({ stagingLocation: 'gs://acme-staging/graphs' })
    expect(graph.url).toMatch(/^gs:\/\/acme-staging\/graphs\/dev-pipeline-dataflow\/[0-9a-f]{16}\/pipeline\.pb$/)
    expect(job.environment).toHaveProperty('sdkPipelineOptions.options.pipelineUrl', graph.url)
    expect((await prepare({ stagingLocation: 'gs://acme-staging/graphs' })).graph.url).toBe(graph.url)
    expect((await prepare({ image: `${IMAGE}0` })).graph.url).not.toBe(graph.url)
  })

  test('reads the subscription by the service’s own source, without a worker', async () => {
    const { spec, environmentId, inputs, outputs } = named(await graphOf(), 'source')
    expect(spec!.urn).toBe('beam:transform:pubsub_read:v1')
    expect(PubSubReadPayload.fromBinary(spec!.payload)).toMatchObject({
      subscription: 'projects/acme-shop/subscriptions/dev-backend-events-pipeline',
      withAttributes: true,
      topic: '',
    })
    expect({ environmentId, inputs, outputs: Object.keys(outputs) }).toEqual({
      environmentId: '',
      inputs: {},
      outputs: ['main'],
    })
  })

  test('starts with an unbounded collection of bytes', async () => {
    const graph = await graphOf()
    const { coderId, isBounded } = graph.components!.pcollections[named(graph, 'source').outputs.main!]!
    expect(graph.components!.coders[coderId]!.spec!.urn).toBe('beam:coder:bytes:v1')
    expect(isBounded).toBe(1) // IsBounded.UNBOUNDED
  })

  test('runs our code in containers of the image, one process for each core', async () => {
    const { components } = await graphOf()
    const { job } = await prepare()
    expect(Object.values(components!.environments)).toHaveLength(1)
    const [id, environment] = Object.entries(components!.environments)[0]!
    expect(environment.urn).toBe('beam:env:docker:v1')
    expect(DockerPayload.fromBinary(environment.payload).containerImage).toBe(IMAGE)
    expect(job.environment).toHaveProperty('workerPools[0].sdkHarnessContainerImages', [
      {
        containerImage: IMAGE,
        environmentId: id,
        capabilities: expect.arrayContaining(['beam:protocol:sibling_workers:v1']),
        useSingleCorePerContainer: true,
      },
    ])
  })

  test('hands on a minute after ten seconds, or 5000 messages of it', async () => {
    const graph = await graphOf()
    const { windowingStrategyId } = graph.components!.pcollections[named(graph, 'groupByKey').outputs.main!]!
    const { trigger, allowedLateness } = graph.components!.windowingStrategies[windowingStrategyId]!
    const { subtriggers } = (
      trigger!.trigger as { repeat: { subtrigger: { trigger: { afterAny: { subtriggers: object[] } } } } }
    ).repeat.subtrigger.trigger.afterAny
    expect(subtriggers).toMatchObject([
      {
        trigger: {
          afterProcessingTime: { timestampTransforms: [{ timestampTransform: { delay: { delayMillis: 10_000n } } }] },
        },
      },
      { trigger: { elementCount: { elementCount: 5_000 } } },
    ])
    expect(allowedLateness).toBeGreaterThan(1_000_000_000n)
  })
})
