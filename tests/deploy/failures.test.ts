import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { checkout } from './project.ts'

const project = checkout()
afterAll(() => project[Symbol.dispose]())

/** A gcloud that refuses everything in these words, as Google's own does. */
const refusing = (words: string) => ({ gcloud: `cat >&2 <<'SAID'\nERROR: (gcloud.x) ${words}\nSAID\nexit 1` })

test.each([
  [
    'an API that is off',
    `FAILED_PRECONDITION: Cloud Build API has not been used in project 1 before or it is disabled. Enable it by visiting
https://console.developers.google.com/apis/api/cloudbuild.googleapis.com/overview?project=1 then retry.`,
    'gcloud services enable cloudbuild.googleapis.com --project=my-project',
  ],
  [
    'a permission that is missing',
    "PERMISSION_DENIED: Permission 'run.services.get' denied on resource 'projects/my-project' (or it may not exist).",
    'Whoever runs this lacks run.services.get on my-project.',
  ],
  [
    'a closed billing account',
    'FAILED_PRECONDITION: This API method requires billing to be enabled. Please enable billing on project #1.',
    'gcloud billing projects link my-project --billing-account=ACCOUNT_ID',
  ],
  ['nobody logged in', 'You do not currently have an active account selected.', '  gcloud auth login'],
])('%s ends a script with exit code 1 and what to do about it', (_, said, remedy) => {
  const args = ['my-project', 'dev', '--tag=v1']
  const { exitCode, complaints } = project.run('deploy-pipeline.sh', args, refusing(said))
  expect(exitCode).toBe(1)
  expect(complaints).toContain(said)
  expect(complaints).toContain(`${remedy}\n`)
})

test('a refusal is not taken for a missing service', () => {
  const gcloud = 'case $* in *describe*) echo "PERMISSION_DENIED: denied" >&2; exit 1 ;; esac; echo "$*" >> calls'
  const { exitCode, complaints } = project.run('deploy-table-manager.sh', ['my-project', 'dev'], { gcloud })
  expect([exitCode, complaints]).toEqual([1, expect.stringContaining('Whoever runs this lacks a permission')])
  expect(complaints).not.toContain('functions deploy')
})

test('a missing image repository points to Terraform', () => {
  const said = 'NOT_FOUND: Requested entity was not found.'
  const { complaints } = project.run('deploy-pipeline.sh', ['my-project', 'dev', '--tag=v1'], refusing(said))
  expect(complaints).toContain('Something that `terraform apply` makes is missing')
})

test('a service that is there gets the image and keeps its settings; a missing one is made with all of them', () => {
  const recording = (exists: boolean) => ({
    gcloud: `echo "$*" >> ${join(project.folder, 'bin/calls')}
case $* in
  *'services describe'*) ${exists ? '' : '[ -e bin/made ] || { echo "Cannot find service [dev-generator]" >&2; exit 1; }'} ;;
  *'run deploy'*) touch bin/made ;;
  'config get account') echo robot@my-project.iam.gserviceaccount.com; exit ;;
esac
echo https://generator.example`,
    curl: `echo "curl $* <$(cat)" >> ${join(project.folder, 'bin/calls')}; echo '{"status":"ok"}'`,
  })
  const run = (exists: boolean) => {
    project.run('deploy-generator.sh', [], { calls: '', gcloud: '', curl: '' }) // forgets the calls so far
    const ended = project.run('deploy-generator.sh', ['my-project', 'dev', '--tag=v1'], recording(exists))
    expect(ended).toMatchObject({ exitCode: 0, output: expect.stringContaining('{"status":"ok"}') })
    expect(ended.complaints).not.toContain('Bearer')
    return readFileSync(join(project.folder, 'bin/calls'), 'utf8')
  }
  const updated = run(true)
  expect(updated).toContain('run services update dev-generator --project=my-project --region=europe-west1 --image=')
  expect(updated).not.toContain('run deploy')
  const made = run(false)
  expect(made).toContain('--no-allow-unauthenticated')
  expect(made).not.toContain('services update')
  // A service account's token has to name what it is for.
  expect(made).toContain('auth print-identity-token --audiences=https://generator.example\n')
  // Arguments can be read by everybody on the machine; standard input cannot.
  expect(made).toMatch(
    /^curl [^<]*--header @- https:\/\/generator.example\/health <Authorization: Bearer https:\/\/generator.example$/m,
  )
  expect(made).not.toMatch(/^curl [^<]*Bearer/m)
})

test('a generator that does not let the caller in says who may', () => {
  const programs = {
    gcloud: 'echo https://generator.example',
    curl: 'echo "curl: (22) The requested URL returned error: 403" >&2; exit 22',
  }
  const { exitCode, complaints } = project.run('deploy-generator.sh', ['my-project', 'dev', '--tag=v1'], programs)
  expect([exitCode, complaints]).toEqual([1, expect.stringContaining('--member=user:YOU --role=roles/run.invoker')])
})

test('without gcloud a script says where it comes from, with exit code 2', () => {
  using bare = checkout()
  const alone = Object.fromEntries(
    ['bash', 'basename', 'dirname'].map((name) => [name, `exec "$(PATH=/usr/bin:/bin command -v ${name})" "$@"`]),
  )
  const { exitCode, complaints } = bare.run('deploy-pipeline.sh', ['my-project', 'dev'], alone, '/nowhere')
  expect([exitCode, complaints]).toEqual([
    2,
    expect.stringContaining('gcloud is not installed: https://cloud.google.com/sdk/docs/install'),
  ])
})
