/** Every command of docs/deployment-guide.md: run where it can be, else shown to the program that would run it. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Command as Program } from 'commander'
import { afterAll, expect, test } from 'vitest'
import { spawnSluice, startBackend } from '../harness.ts'
import { complaintsOfGcloud, installedSdk, pointedTo } from './gcloud.ts'
import { checkout } from './project.ts'
import { type Command, commandsIn } from './shell.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'sluice-guide-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const guide = readFileSync(join(root, 'docs/deployment-guide.md'), 'utf8')
const script = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block).join('\n')
const commandsOf = (variables: Readonly<Record<string, string>>, program: string | RegExp) => {
  const settings = Object.entries({ PROJECT: 'my-project', ENV: 'dev', ...variables })
  // What the guide assigns first is the reader's own choice.
  const chosen = script.replace(/^PROJECT=.*$/m, settings.map(([name, value]) => `${name}=${value}`).join(' '))
  return commandsIn(chosen, { REGION: 'europe-west1', BILLING_ACCOUNT: '000000-000000-000000', ...variables }).filter(
    ([name]) => (typeof program === 'string' ? name === program : program.test(name!)),
  )
}

test('the guide calls no program but those that are looked at here', () => {
  const known = /^(gcloud|bq|terraform|npm|curl|export|head|scripts\/[\w-]+\.sh)$/
  const programs = commandsOf({}, /./).map(([program]) => program!)
  expect(programs.length).toBeGreaterThan(50)
  expect(programs.filter((program) => !known.test(program))).toEqual([])
})

test('gcloud takes its commands', (context) => {
  const sdk = installedSdk()
  if (sdk === undefined) return context.skip('gcloud is not installed')
  const inText = [...guide.matchAll(/`(gcloud [^`]*)`/g)].flatMap(([, text]) =>
    commandsIn(text!, { PROJECT: 'my-project', ENV: 'dev', REGION: 'europe-west1' }),
  )
  // `gcloud beta` in a sentence is the name of a program, not a command.
  const commands = [...commandsOf({}, 'gcloud'), ...inText.filter((words) => words.length > 2)]
  expect(complaintsOfGcloud(sdk, commands)).toEqual([])
})

test('GitHub is trusted for one repository, by its name and by the id that no other will ever have', () => {
  const [provider] = commandsOf({}, 'gcloud').filter((words) => words.includes('create-oidc'))
  const condition = provider?.find((word) => word.startsWith('--attribute-condition='))
  expect(condition).toMatch(/=assertion\.repository == '\S+' && assertion\.repository_id == '\d+'$/)
})

test('its scripts take their arguments', () => {
  using project = checkout()
  const commands = commandsOf({}, /^scripts\//)
  expect(new Set(commands.map(([name]) => name)).size).toBe(4)
  for (const [name, ...args] of commands) {
    const { exitCode, complaints } = project.run(name!.replace('scripts/', ''), [...args, '--dry-run'])
    expect([name, exitCode, complaints]).toEqual([name, 0, ''])
  }
})

test('sluice has its commands, with these options', async () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const [, verb, name, ...rest] of commandsOf({}, 'npm')) {
    if (verb === 'ci') continue
    expect([verb, Object.keys(scripts)]).toEqual(['run', expect.arrayContaining([name])])
    if (name === 'sluice') await parsed(rest.slice(1))
  }
})

/** Throws what sluice has against such words. The command is not run. */
async function parsed([name, ...words]: Command) {
  const made: Record<string, () => Program> = await import(`../../src/cli/commands/${name}.ts`)
  const command = Object.values(made)
    .map((make) => make())
    .find((program) => program.name() === name)!
  for (const each of [command, ...command.commands]) each.exitOverride().action(() => undefined)
  await command.parseAsync(words, { from: 'user' })
}

test('tables made by hand keep their rows as long as those of the table manager', () => {
  const [, days] = /\bSLUICE_PARTITION_DAYS=(\d+)/.exec(script) ?? []
  const settings = (environment: string) =>
    readFileSync(join(root, 'terraform/environments', `${environment}.tfvars`), 'utf8')
  const [dev, staging, prod] = ['dev', 'staging', 'prod'].map(
    (environment) => /^partition_days +=\s(\d+)/m.exec(settings(environment))?.[1],
  )
  expect(days).toBe(dev)
  expect(guide).toContain(`: ${dev} in dev, ${staging} in staging; leave it out in prod`)
  expect(prod).toBeUndefined()
})

test('terraform knows the options of its commands', (context) => {
  context.skip(spawnSync('terraform', ['version']).error !== undefined, 'terraform is not installed')
  mkdirSync(join(folder, 'terraform'))
  for (const [program, ...words] of commandsOf({}, 'terraform')) {
    const { stderr } = spawnSync(program!, words, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, TF_INPUT: '0' },
    })
    expect(stderr).not.toMatch(
      /flag provided but not defined|Unknown option|Too many command line arguments|Invalid -/i,
    )
  }
})

test('the generator answers to its requests', async () => {
  await using backend = await startBackend()
  await using generator = spawnSluice(['generator', '--port', '0'], backend.environment)
  let url = ''
  for await (const line of generator.lines) {
    url = /listens on (\S+),/.exec(line)?.[1] ?? ''
    if (url) break
  }
  const commands = commandsOf({}, 'curl')
  expect(commands.length).toBeGreaterThan(5)
  for (const [program, ...words] of commands) {
    // In the place of what gcloud would have told.
    const at = words.map((word) => word.replace(/^OUTPUT\//, `${url}/`))
    await run(program!, ['--fail', '--silent', '--show-error', ...at])
  }
})

test('bq takes its commands, and the tables have these columns', { timeout: 60_000 }, async (context) => {
  context.skip(installedSdk() === undefined, 'gcloud is not installed')
  await using backend = await startBackend()
  const env = { PATH: process.env.PATH, HOME: folder, ...pointedTo(backend.environment, folder) }
  const commands = commandsOf({ PROJECT: backend.settings.projectId }, 'bq')
  expect(commands).toHaveLength(3)
  for (const [program, ...words] of commands) await run(program!, words, { env })
})
