import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from './shell.ts'

const run = promisify(execFile)

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

/** What gcloud's own parser has against these commands, none of which is run; undefined where gcloud is not installed. */
export async function complaintsOfGcloud(commands: readonly Command[]): Promise<string[] | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-gcloud-'))
  try {
    const env = { ...process.env, ...offlineGoogle(folder) }
    const format = '--format=value(installation.sdk_root,basic.python_location)'
    const info = await run('gcloud', ['info', format], { env }).catch(() => undefined)
    if (info === undefined) return undefined
    const [sdk, python] = info.stdout.trim().split('\t')
    const words = commands.map(([, ...rest]) => rest)
    const parsed = spawnSync(python!, ['-S', join(import.meta.dirname, 'gcloud_parser.py'), sdk!], {
      env,
      input: JSON.stringify(words),
      encoding: 'utf8',
    })
    if (parsed.status !== 0) throw new Error(`gcloud's parser could not be asked:\n${parsed.stderr}`)
    const answers: (string | null)[] = JSON.parse(parsed.stdout)
    return answers.flatMap((answer, index) => (answer === null ? [] : [`${commands[index]!.join(' ')}\n${answer}`]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
