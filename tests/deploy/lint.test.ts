import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const isInstalled = (program: string) => spawnSync(program, ['--version']).error === undefined
const run = (program: string, args: readonly string[]) => spawnSync(program, args, { cwd: root, encoding: 'utf8' })

test('shellcheck has nothing against the scripts for Google Cloud', (context) => {
  context.skip(!isInstalled('shellcheck'), 'shellcheck is not installed')
  const scripts = globSync('scripts/*.sh', { cwd: root })
  expect(scripts.length).toBeGreaterThan(3)
  const { status, stdout } = run('shellcheck', ['--external-sources', ...scripts])
  expect([stdout, status]).toEqual(['', 0])
})

test('actionlint has nothing against the workflows', (context) => {
  context.skip(!isInstalled('actionlint'), 'actionlint is not installed')
  const { status, stdout } = run('actionlint', ['-no-color'])
  expect([stdout, status]).toEqual(['', 0])
})

test('each workflow grants rights by name, ends some time, and pins its actions', () => {
  const workflows = globSync('.github/workflows/*.yml', { cwd: root })
  expect(workflows.sort()).toEqual(
    ['deploy-infrastructure.yml', 'nightly-replay.yml', 'test.yml'].map((name) => `.github/workflows/${name}`),
  )
  for (const path of workflows) {
    const text = readFileSync(join(root, path), 'utf8')
    expect(text).toMatch(/^permissions:/m)
    expect(text).toMatch(/^concurrency:/m)
    expect(text).toMatch(/^ {4}shell: bash$/m) // which sets pipefail
    expect(text.match(/timeout-minutes:/g)).toHaveLength(text.match(/runs-on:/g)!.length)
    for (const [, version] of text.matchAll(/uses: \S+@(\S+)/g)) expect(version).toMatch(/^(v\d+|[0-9a-f]{40})$/)
  }
})

test('a plan of a pull request takes no place of an apply, and both wait for the lock of the state', () => {
  const text = readFileSync(join(root, '.github/workflows/deploy-infrastructure.yml'), 'utf8')
  expect(text).toMatch(/^ {2}group: .*github\.event_name == 'pull_request' && format\('-\{0\}', github\.ref\)/m)
  const locking = text.match(/terraform -chdir=terraform (?:plan|apply) .*/g)!
  expect(locking).toHaveLength(2)
  for (const command of locking) expect(command).toContain('-lock-timeout=')
})
