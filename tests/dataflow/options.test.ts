import { expect, test } from 'vitest'
import { type DataflowChoices, prepareJob } from '../../pipeline/index.ts'
import { parseSettings } from '../../src/settings.ts'

const REQUIRED = {
  image: 'europe-west1-docker.pkg.dev/acme-shop/dev-sluice/sluice:1a2b3c4',
  machineType: 'n2-standard-2',
  maxWorkers: 10,
  tempLocation: 'gs://acme-temp/dataflow',
}

/** The lines of the refusal. */
async function refusal(choices: DataflowChoices, region: string | undefined = 'europe-west1'): Promise<string[]> {
  const settings = parseSettings({ SLUICE_BACKEND: 'gcp', SLUICE_PROJECT: 'acme-shop', SLUICE_REGION: region })
  const prepared = prepareJob(settings, choices, { everyMs: 1 })
  const error = await prepared.then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  if (error) expect(error.name).toBe('SettingsError')
  return error?.message.split('\n') ?? []
}

test('everything that is missing is named at once, with how to mend it', async () => {
  expect(await refusal({}, '')).toEqual([
    'SLUICE_REGION is missing: name the region where the workers run, such as europe-west1.',
    expect.stringMatching(/^--image is missing: /),
    expect.stringMatching(/^--machine-type is missing: /),
    expect.stringMatching(/^--max-workers is missing: /),
    expect.stringMatching(/^--temp-location is missing: /),
  ])
})

test('a multi-region is no place for workers', async () => {
  expect(await refusal(REQUIRED, 'EU')).toEqual([
    "SLUICE_REGION is EU, but Dataflow's workers run in one region, such as europe-west1.",
  ])
})

const wrong: [DataflowChoices, RegExp][] = [
  [{ image: 'sluice' }, /^--image is not/],
  [{ image: 'europe-west1-docker.pkg.dev/acme-shop/dev-sluice/sluice:latest' }, /^--image must not be :latest/],
  [{ machineType: 'big' }, /^--machine-type is not/],
  [{ maxWorkers: 4001 }, /^--max-workers is more than the 4000/],
  [{ workers: 11 }, /^--workers is 11, more than --max-workers/],
  [{ tempLocation: 'acme-temp' }, /^--temp-location is not gs:/],
  [{ stagingLocation: 's3://acme/x' }, /^--staging-location is not gs:/],
  [{ jobName: 'Orders' }, /^--job-name is not/],
  [{ jobName: 'orders-' }, /^--job-name is not/],
  [{ serviceAccount: 'me@example.com' }, /^--service-account is not/],
  [{ zone: 'us-central1-a' }, /^--zone is us-central1-a, which is not in europe-west1/],
  [{ zone: 'europe-west10-a' }, /^--zone is europe-west10-a, which is not in europe-west1/],
  [{ network: 'Shop net' }, /^--network is not/],
  [{ subnetwork: 'shop' }, /^--subnetwork is/],
  [{ subnetwork: 'regions/us-central1/subnetworks/shop' }, /^--subnetwork is in another region/],
  [{ publicIps: false }, /^--no-public-ips needs a --subnetwork/],
  [{ kmsKey: 'sluice' }, /^--kms-key is not/],
  [{ label: ['Team=x'] }, /^--label is not key=value/],
  [{ label: ['team'] }, /^--label is not key=value/],
  [{ label: ['team=a', 'team=b'] }, /^--label names the same key twice/],
  [{ experiment: ['two words'] }, /^--experiment is one word/],
  [{ experiment: ['disable_runner_v2'] }, /^--experiment disable_runner_v2 takes away/],
  [{ serviceOption: ['two words'] }, /^--service-option is one word/],
  [{ renamed: ['a=b'] }, /^--renamed is for --update alone/],
  [{ renamed: ['a'], update: true }, /^--renamed is not OLD=NEW/],
]

test.each(wrong)('%o is refused', async (choices, message) => {
  expect((await refusal({ ...REQUIRED, ...choices }))[0]).toMatch(message)
})

test('several faults are told in one message', async () => {
  expect(await refusal({ ...REQUIRED, image: 'sluice', workers: 20, zone: 'mars-a' })).toHaveLength(3)
})

test('a subnetwork that another project shares is named in full', async () => {
  const subnetwork = 'https://www.googleapis.com/compute/v1/projects/nets/regions/europe-west1/subnetworks/shop'
  expect(await refusal({ ...REQUIRED, subnetwork, publicIps: false })).toEqual([])
})
