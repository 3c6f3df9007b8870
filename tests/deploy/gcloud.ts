import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from './shell.ts'

/** Keeps Google's command lines from the user's own configuration, from prompts and from the network. */
export function offlineGoogle(folder: string): Record<string, string> {
  return {
    CLOUDSDK_CONFIG: join(folder, 'gcloud'),
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_CHECK_GCE_METADATA: 'false',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
  }
}

interface Sdk {
  readonly root: string
  /** The Python that it runs on. */
  readonly python: string
}

/** The Google Cloud CLI of this machine; undefined where it is not installed. */
export function installedSdk(): Sdk | undefined {
  return inOwnFolder((env) => {
    const format = '--format=value(installation.sdk_root,basic.python_location)'
    const { status, stdout } = spawnSync('gcloud', ['info', format], { env, encoding: 'utf8' })
    const [root, python] = (stdout ?? '').trim().split('\t')
    return status === 0 ? { root: root!, python: python! } : undefined
  })
}

/** What leads gcloud and bq to the emulators of such an environment. Writes files into the folder. */
export function pointedTo(environment: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  const bigquery = `http://${environment.BIGQUERY_EMULATOR_HOST!.replace(/^http:\/\//, '')}`
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  // bq would ask for its description of the API, but takes a file as well: its own, with another address.
  const description = readFileSync(join(installedSdk()!.root, 'platform/bq/discovery_next/bigquery.json'), 'utf8')
  const api = file('bigquery.json', description.replaceAll('https://bigquery.googleapis.com', bigquery))
  return {
    ...offlineGoogle(folder),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_PUBSUB: `http://${environment.PUBSUB_EMULATOR_HOST}/`,
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: file('token', 'none'),
    BIGQUERYRC: file('bigqueryrc', `--api=${bigquery}\n--discovery_file=${api}\n`),
  }
}

/** What gcloud's own parser has against these commands, none of which is run. */
export function complaintsOfGcloud({ root, python }: Sdk, commands: readonly Command[]): string[] {
  return inOwnFolder((env) => {
    const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'gcloud_parser.py'), root], {
      env,
      input: JSON.stringify(commands.map(([, ...words]) => words)),
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`gcloud's parser could not be asked:\n${stderr}`)
    const answers: (string | null)[] = JSON.parse(stdout)
    return answers.flatMap((answer, index) => (answer === null ? [] : [`${commands[index]!.join(' ')}\n${answer}`]))
  })
}

/** A file for Cloud Build as gcloud reads and sends it. Throws what gcloud has against it. */
export function buildConfig(
  { root, python }: Sdk,
  file: string,
  substitutions: Readonly<Record<string, string>>,
): unknown {
  return inOwnFolder((env) => {
    const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'build_config.py'), root, file], {
      env,
      input: JSON.stringify(substitutions),
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`gcloud cannot read ${file}:\n${stderr}`)
    return JSON.parse(stdout)
  })
}

function inOwnFolder<Result>(use: (env: NodeJS.ProcessEnv) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-gcloud-'))
  try {
    return use({ ...process.env, ...offlineGoogle(folder) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
