import { execFile, spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { folder } from './hcl.ts'

/** Why a test that needs the program is skipped; empty where it is there. */
export const withoutTerraform =
  spawnSync('terraform', ['version']).status === 0 ? '' : ' (skipped: no terraform on PATH)'

/** A folder as `terraform providers mirror` fills it; without it, nothing that needs a provider can be tested. */
export const mirror = process.env.SLUICE_TERRAFORM_PROVIDERS || undefined

/**
 * What the modules for messages, dataset and bucket say, and a provider from before version 6.50 may not know. With such
 * a provider these lines are taken out of a copy, and nothing else.
 */
export const UNKNOWN_TO_OLDER = ['public_access_prevention', 'soft_delete_policy']

export async function isOlder(mirror: string): Promise<boolean> {
  const names = await readdir(join(mirror, 'registry.terraform.io/hashicorp/google'))
  const [, major, minor] = names.map((name) => /(\d+)\.(\d+)\.\d+/.exec(name)).find((found) => found) ?? []
  if (major === undefined) throw new Error(`There is no version of the provider in ${mirror}.`)
  return Number(major) * 1_000 + Number(minor) < 6_050
}

/** A working folder with a copy of the modules, and one configuration that uses them. */
export interface Workspace extends AsyncDisposable {
  /** Runs terraform; resolves with what it prints, and rejects with that when it fails. */
  run(...words: readonly string[]): Promise<string>
}

export async function workspace(mirror: string, configuration: string): Promise<Workspace> {
  await using starting = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'sluice-terraform-'))
  starting.defer(() => rm(directory, { recursive: true }))
  await cp(join(folder, 'modules'), join(directory, 'modules'), { recursive: true })
  if (await isOlder(mirror)) await takeOut(join(directory, 'modules'))
  await writeFile(join(directory, 'main.tf'), configuration)
  const configFile = join(directory, 'cli.tfrc')
  await writeFile(configFile, `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}\n`)
  const environment = { ...process.env, TF_CLI_CONFIG_FILE: configFile, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' }
  const run = async (...words: readonly string[]) => {
    const { stdout } = await promisify(execFile)('terraform', [...words, '-no-color'], {
      cwd: directory,
      env: environment,
    })
    return stdout
  }
  await run('init')
  const running = starting.move()
  return { run, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

async function takeOut(modules: string): Promise<void> {
  const line = new RegExp(`^ *(?:${UNKNOWN_TO_OLDER.join('|')}) *(?:= .*|\\{\\n(?: .*\\n)* *\\})\\n`, 'gm')
  for (const module of ['messaging', 'warehouse', 'raw-bucket']) {
    const path = join(modules, module, 'main.tf')
    await writeFile(path, (await readFile(path, 'utf8')).replace(line, ''))
    await rm(join(modules, module, 'versions.tf')) // which asks for a newer one
  }
}
