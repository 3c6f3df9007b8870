import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { events, validate } from '../../src/catalogue/index.ts'
import { buildConfig, complaintsOfGcloud, installedSdk } from './gcloud.ts'
import { checkout } from './project.ts'
import { commandsIn } from './shell.ts'

const project = checkout()
afterAll(() => project[Symbol.dispose]())

/** What a dry run prints: one command a line. */
function dryRun(script: string, ...args: string[]): string {
  const { exitCode, output, complaints } = project.run(script, [...args, '--dry-run'])
  expect([exitCode, complaints]).toEqual([0, ''])
  return output
}

/** Continued lines, joined. */
const lines = (text: string) => `${text.trim().replace(/\s*\\\n\s*/g, ' ')}\n`

const IMAGE = `europe-west1-docker.pkg.dev/my-project/dev-sluice/sluice:${project.commit}`

test('deploy-generator.sh builds the image of the commit, brings it to the service, and asks for its health', () => {
  expect(dryRun('deploy-generator.sh', 'my-project', 'dev')).toBe(
    lines(`
gcloud storage buckets describe gs://my-project-dev-function-source --project=my-project --format=none
if gcloud artifacts docker images describe ${IMAGE} --project=my-project '--format=value(image_summary.digest)'
then echo '${IMAGE} is there'
else gcloud builds submit . --config=scripts/image-build.yaml --substitutions=_IMAGE=${IMAGE} \\
  --service-account=projects/my-project/serviceAccounts/dev-build@my-project.iam.gserviceaccount.com \\
  --gcs-source-staging-dir=gs://my-project-dev-function-source/image \\
  --project=my-project --region=europe-west1 --quiet
fi
if gcloud run services describe dev-generator --project=my-project --region=europe-west1 '--format=value(status.url)'
then gcloud run services update dev-generator --project=my-project --region=europe-west1 --image=${IMAGE} --quiet
else gcloud run deploy dev-generator --project=my-project --region=europe-west1 --image=${IMAGE} \\
  --service-account=dev-generator@my-project.iam.gserviceaccount.com \\
  --args=generator,--host,0.0.0.0,--port,8080 --port=8080 \\
  --set-env-vars=SLUICE_BACKEND=gcp,SLUICE_PROJECT=my-project,SLUICE_ENV=dev \\
  --no-allow-unauthenticated --ingress=all \\
  --cpu=1 --memory=512Mi --no-cpu-throttling --min-instances=0 --max-instances=1 \\
  --labels=environment=dev,component=generator --quiet
fi
URL=$(gcloud run services describe dev-generator --project=my-project --region=europe-west1 '--format=value(status.url)')
TOKEN=$(gcloud auth print-identity-token)
echo "Authorization: Bearer \${TOKEN}" | curl --silent --show-error --fail --max-time 60 --retry 3 --header @- "\${URL}/health"
`),
  )
})

test('gcloud itself reads the build of the image, whose log goes where a build by an account of ours may write it', (context) => {
  const sdk = installedSdk()
  if (sdk === undefined) return context.skip('gcloud is not installed')
  expect(buildConfig(sdk, join(project.folder, 'scripts/image-build.yaml'), { _IMAGE: IMAGE })).toEqual({
    steps: [{ name: 'gcr.io/cloud-builders/docker', args: ['build', '--tag', '$_IMAGE', '.'] }],
    images: ['$_IMAGE'],
    substitutions: { _IMAGE: IMAGE },
    options: { logging: 'CLOUD_LOGGING_ONLY' },
  })
})

test('a generator that cannot be reached from here is not asked for its health', () => {
  const args = ['my-project', 'prod', 'us-central1', '--tag=v1', '--ingress=internal', '--min-instances', '1']
  const { output, complaints } = project.run('deploy-generator.sh', [...args, '--dry-run'])
  expect(output).toContain('--ingress=internal --cpu=1 --memory=512Mi --no-cpu-throttling --min-instances=1')
  expect(output).toContain('us-central1-docker.pkg.dev/my-project/prod-sluice/sluice:v1')
  expect(output).not.toMatch(/builds submit|\/health/)
  expect(complaints).toBe('Its health was not asked for: with --ingress internal it cannot be reached from here.\n')
})

test('deploy-pipeline.sh --runner dataflow builds the image of the workers, and submits the job', () => {
  const image = 'us-east1-docker.pkg.dev/my-project/prod-sluice/worker:v1'
  const args = [
    'my-project',
    'prod',
    'us-east1',
    '--tag',
    'v1',
    '--runner',
    'dataflow',
    '--machine-type',
    'n2-standard-2',
  ]
  expect(dryRun('deploy-pipeline.sh', ...args, '--max-workers', '3', '--temp-location', 'gs://b/t', '--update')).toBe(
    lines(`
gcloud artifacts docker images describe ${image} --project=my-project '--format=value(image_summary.digest)'
env SLUICE_BACKEND=gcp SLUICE_PROJECT=my-project SLUICE_ENV=prod SLUICE_REGION=us-east1 \\
  node src/cli/main.ts pipeline --runner=dataflow --image=${image} \\
  --machine-type=n2-standard-2 --max-workers=3 --temp-location=gs://b/t --update
`),
  )
  const built = dryRun('deploy-pipeline.sh', 'my-project', 'dev', '--runner', 'dataflow', '--image-only')
  expect(built).toContain('builds submit . --config=scripts/worker-build.yaml')
  expect(built).toContain(`image = "${IMAGE.replace('/sluice:', '/worker:')}"`)
})

test('deploy-pipeline.sh runs the pipeline in a worker pool', () => {
  const image = 'europe-west1-docker.pkg.dev/my-project/prod-sluice/sluice:v1'
  const at = '--project=my-project --region=europe-west1'
  expect(dryRun('deploy-pipeline.sh', 'my-project', 'prod', '--tag', 'v1')).toBe(
    lines(`
gcloud artifacts docker images describe ${image} --project=my-project '--format=value(image_summary.digest)'
if gcloud beta run worker-pools describe prod-pipeline ${at} '--format=value(name)'
then gcloud beta run worker-pools update prod-pipeline ${at} --image=${image} --quiet
else gcloud beta run worker-pools deploy prod-pipeline ${at} --image=${image} \\
  --service-account=prod-pipeline@my-project.iam.gserviceaccount.com \\
  --args=pipeline,--bundle-seconds,5 \\
  --set-env-vars=SLUICE_BACKEND=gcp,SLUICE_PROJECT=my-project,SLUICE_ENV=prod \\
  --cpu=1 --memory=1Gi --labels=environment=prod,component=pipeline --quiet
fi
`),
  )
})

test('deploy-table-manager.sh uploads the source, deploys the function, and lets Pub/Sub alone push to it', () => {
  const archive = `table-manager-${project.commit}.zip`
  const source = `gs://my-project-dev-function-source/table-manager/${project.commit}.zip`
  const at = '--project=my-project --region=europe-west1'
  const push = 'dev-push@my-project.iam.gserviceaccount.com'
  const deploy = `gcloud functions deploy dev-table-manager --gen2 ${at} --source=${source} --runtime=nodejs24 --entry-point=manageTable`
  const tables = 'dev-backend-events-tables --project=my-project'
  const endpoint =
    `"--push-endpoint=\${URL}/projects/my-project/topics/dev-backend-events-topic" ` +
    `--push-auth-service-account=${push} "--push-auth-token-audience=\${URL}"`
  expect(dryRun('deploy-table-manager.sh', 'my-project', 'dev')).toBe(
    lines(`
node scripts/function-source.ts .sluice/${archive}
gcloud storage cp .sluice/${archive} ${source} --project=my-project
if gcloud functions describe dev-table-manager --gen2 ${at} '--format=value(serviceConfig.uri)'
then ${deploy} --quiet
else ${deploy} --trigger-http --no-allow-unauthenticated --ingress-settings=internal-only \\
  --service-account=dev-table-manager@my-project.iam.gserviceaccount.com \\
  --build-service-account=projects/my-project/serviceAccounts/dev-build@my-project.iam.gserviceaccount.com \\
  --docker-repository=projects/my-project/locations/europe-west1/repositories/dev-sluice \\
  --set-env-vars=SLUICE_BACKEND=gcp,SLUICE_PROJECT=my-project,SLUICE_ENV=dev \\
  --memory=512Mi --timeout=60s --max-instances=3 \\
  --update-labels=environment=dev,component=table-manager --quiet
fi
URL=$(gcloud functions describe dev-table-manager --gen2 ${at} '--format=value(serviceConfig.uri)')
gcloud functions add-invoker-policy-binding dev-table-manager ${at} --member=serviceAccount:${push}
if gcloud pubsub subscriptions describe ${tables} '--format=value(name)'
then gcloud pubsub subscriptions modify-push-config ${tables} ${endpoint}
else gcloud pubsub subscriptions create ${tables} --topic=dev-backend-events-topic ${endpoint} \\
  --ack-deadline=60 --expiration-period=never --min-retry-delay=1s --max-retry-delay=600s \\
  --dead-letter-topic=dev-backend-events-dead-letter --max-delivery-attempts=10 \\
  --labels=environment=dev,component=table-manager
fi
NUMBER=$(gcloud projects describe my-project '--format=value(projectNumber)')
gcloud pubsub subscriptions add-iam-policy-binding ${tables} \\
  "--member=serviceAccount:service-\${NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com" --role=roles/pubsub.subscriber
`),
  )
})

test('what Terraform wants to know of an image or a source is printed in its own syntax', () => {
  expect(dryRun('deploy-generator.sh', 'my-project', 'dev', '--image-only')).toMatch(`\nimage = "${IMAGE}"\n`)
  expect(dryRun('deploy-table-manager.sh', 'my-project', 'dev', '--source-only')).toMatch(
    `\nfunction_source_object = "table-manager/${project.commit}.zip"\n`,
  )
})

test('test-table-creation.sh publishes one valid event of each type, and looks for its table and its row', () => {
  const printed = commandsIn(dryRun('test-table-creation.sh', 'my-project', 'dev', '--id=t1'))
  const published = printed.filter(([program]) => program === 'gcloud')
  const types = published.map((words) => {
    expect(words.slice(0, 6).join(' ')).toBe(
      'gcloud pubsub topics publish dev-backend-events-topic --project=my-project',
    )
    const body = JSON.parse(words[6]!.replace('--message=', ''))
    expect(validate(events.get(body.event_type)!, body)).toMatchObject({ ok: true })
    expect(words[7]).toBe(`--attribute=event_id=t1-${body.event_type},event_type=${body.event_type}`)
    return body.event_type
  })
  expect(types).toEqual(['inventory', 'order', 'user_activity'])
  expect(printed.filter((words) => words.join(' ').includes('orders'))).toEqual([
    ['bq', '--project_id=my-project', '--format=json', 'show', 'my-project:dev_events_dataset.orders'],
    [
      ...['bq', '--project_id=my-project', '--format=csv', '--quiet', 'query', '--nouse_legacy_sql'],
      '--parameter=event_id::t1-order',
      'SELECT COUNT(*) AS found FROM `my-project.dev_events_dataset.orders` WHERE event_id = @event_id',
    ],
  ])
})

test('gcloud itself takes every command that the scripts print or advise', (context) => {
  const sdk = installedSdk()
  if (sdk === undefined) return context.skip('gcloud is not installed')
  const printed = [
    dryRun('deploy-generator.sh', 'my-project', 'dev'),
    dryRun('deploy-pipeline.sh', 'my-project', 'dev'),
    dryRun('deploy-table-manager.sh', 'my-project', 'dev'),
    dryRun('test-table-creation.sh', 'my-project', 'dev'),
  ]
  const advised = globSync('scripts/{,lib/}*.sh', { cwd: project.folder })
    .flatMap((path) => readFileSync(join(project.folder, path), 'utf8').split('\n'))
    .flatMap((line) => /^\s*(?:say|echo) .*?(gcloud .*?)["']$/.exec(line)?.[1] ?? [])
  expect(advised.length).toBeGreaterThan(5)
  const variables = { service: 's', pool: 'p', project: 'my-project', region: 'europe-west1' }
  const advice = advised.flatMap((line) => commandsIn(line.replace(/\$\{api:-(.*)\}/, '$1'), variables))
  const commands = [...printed.flatMap((script) => commandsIn(script)), ...advice].filter(
    ([program]) => program === 'gcloud',
  )
  expect(commands.length).toBeGreaterThan(20)
  expect(complaintsOfGcloud(sdk, commands)).toEqual([])
})

test('gcloud’s own parser finds an option that is not there', (context) => {
  const sdk = installedSdk()
  if (sdk === undefined) return context.skip('gcloud is not installed')
  const wrong = commandsIn('gcloud run services update a --region=b --imag=c')
  expect(complaintsOfGcloud(sdk, wrong)).toEqual([expect.stringContaining("did you mean '--image'?")])
})
