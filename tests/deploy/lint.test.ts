import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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

test('promtool has nothing against the alerts of docs/observability.md', (context) => {
  context.skip(!isInstalled('promtool'), 'promtool is not installed')
  const guide = readFileSync(join(root, 'docs/observability.md'), 'utf8')
  const [, rules] = /```yaml\n(groups:.*?)```/s.exec(guide) ?? []
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  writeFileSync(join(folder, 'rules.yml'), rules ?? '')
  const { status, stdout, stderr } = run('promtool', ['check', 'rules', join(folder, 'rules.yml')])
  rmSync(folder, { recursive: true })
  expect([stderr, status]).toEqual(['', 0])
  expect(stdout).toMatch(/SUCCESS: [1-9]\d* rules found/)
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

test('a plan larger than a summary holds is cut short, and the summary is whole all the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-plan-'))
  try {
    const text = readFileSync(join(root, '.github/workflows/deploy-infrastructure.yml'), 'utf8')
    const [, step] = /- name: summary\n(?: +#.*\n)* +run: \|\n((?: {10}.*\n)+)/.exec(text)!
    writeFileSync(join(folder, 'step'), step!.replace(/^ {10}/gm, ''))
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/terraform'), '#!/bin/sh\nexec head -c 3000000 /dev/zero\n', { mode: 0o755 })
    // As GitHub runs it with `shell: bash`.
    const { status, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', join(folder, 'step')], {
      encoding: 'utf8',
      env: {
        PATH: `${folder}/bin:${process.env.PATH}`,
        ENVIRONMENT: 'dev',
        RUNNER_TEMP: folder,
        GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      },
    })
    expect([stderr, status]).toEqual(['', 0])
    const summary = readFileSync(join(folder, 'summary'), 'utf8')
    expect(summary.length).toBeLessThan(2 ** 20)
    expect(summary).toMatch(/^### Terraform plan for dev\n```\n\0+\n```\n$/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('where the tests run on GitHub none of them skips for want of a tool', () => {
  const workflow = (name: string) => readFileSync(join(root, `.github/workflows/${name}.yml`), 'utf8')
  const [embedded, docker] = workflow('test').split(/^ {2}docker:$/m)
  const [, version] = /TERRAFORM_VERSION: (\S+)/.exec(workflow('deploy-infrastructure'))!
  expect(embedded).toContain(`terraform_version: ${version}\n`)
  expect(embedded).toMatch(/go install \S+\/actionlint@v\d+\.\d+\.\d+\n/)
  expect(docker).toMatch(/run: npm run test:docker\n +env:\n(?: +#.*\n)* +SLUICE_REQUIRE_DOCKER: "1"/)
})

test('a plan of a pull request takes no place of an apply, and both wait for the lock of the state', () => {
  const text = readFileSync(join(root, '.github/workflows/deploy-infrastructure.yml'), 'utf8')
  expect(text).toMatch(/^ {2}group: .*github\.event_name == 'pull_request' && format\('-\{0\}', github\.ref\)/m)
  const locking = text.match(/terraform -chdir=terraform (?:plan|apply) .*/g)!
  expect(locking).toHaveLength(2)
  for (const command of locking) expect(command).toContain('-lock-timeout=')
})
