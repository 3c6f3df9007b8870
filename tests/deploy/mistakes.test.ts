import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { checkout } from './project.ts'

const project = checkout()
afterAll(() => project[Symbol.dispose]())

const SCRIPTS = ['deploy-generator.sh', 'deploy-table-manager.sh', 'deploy-pipeline.sh', 'test-table-creation.sh']

describe.each(SCRIPTS)('%s', (script) => {
  test.each([
    [[], 'PROJECT and ENV are missing'],
    [['my-project'], 'PROJECT and ENV are missing'],
    [['my-project', 'qa'], 'qa is not an environment: dev, staging or prod'],
    [['My_Project', 'dev'], 'My_Project is not a project id (6 to 30 of a-z, 0-9 and -, a letter first)'],
    [['my-project', 'dev', 'Belgium'], 'Belgium is not a region, such as europe-west1'],
    [['my-project', 'dev', 'europe-west1', 'more'], 'nothing is meant by more'],
    [['my-project', 'dev', '--fast'], 'there is no option --fast'],
  ])('refuses %j with exit code 2', (args, message) => {
    expect(project.run(script, [...args, '--dry-run'])).toEqual({
      exitCode: 2,
      output: '',
      complaints: `${script}: ${message}\n(--help tells how it is called)\n`,
    })
  })

  test('tells with --help how it is called', () => {
    const { exitCode, output } = project.run(script, ['--help'])
    expect(exitCode).toBe(0)
    expect(output).toMatch(`Usage: scripts/${script} PROJECT ENV [REGION] [options]\n`)
    expect(output).toContain('--dry-run')
    expect(output.split('\n').filter((line) => line.length > 120)).toEqual([])
  })
})

test.each([
  ['deploy-pipeline.sh', ['--runner', 'dataflow'], '--runner dataflow needs --machine-type, --max-workers and'],
  ['deploy-pipeline.sh', ['--max-workers', '3'], 'are for --runner dataflow'],
  ['deploy-pipeline.sh', ['--runner=spark'], '--runner is local or dataflow, not spark'],
  ['deploy-pipeline.sh', ['--tag'], '--tag needs a value'],
  ['deploy-pipeline.sh', ['--tag='], '--tag needs a value'],
  ['deploy-generator.sh', ['--ingress', 'open'], '--ingress is all, internal or internal-and-cloud-load-balancing'],
  ['deploy-generator.sh', ['--min-instances=2'], '--min-instances is 0 or 1, not 2'],
  ['test-table-creation.sh', ['--timeout=soon'], '--timeout is a number of seconds, not soon'],
  ['test-table-creation.sh', ['--id', 'a b'], '--id is made of letters, digits, _ and -, not a b'],
])('%s refuses %j with exit code 2', (script, args, message) => {
  const { exitCode, complaints } = project.run(script, ['my-project', 'dev', ...args, '--dry-run'])
  expect([exitCode, complaints]).toEqual([2, expect.stringContaining(message)])
})

test('uncommitted changes are not deployed under the name of a commit', () => {
  using changed = checkout()
  writeFileSync(join(changed.folder, 'src/new.ts'), '')
  const { exitCode, complaints } = changed.run('deploy-pipeline.sh', ['my-project', 'dev', '--dry-run'])
  expect([exitCode, complaints]).toEqual([2, expect.stringContaining('there are uncommitted changes')])
  const allowed = changed.run('deploy-pipeline.sh', ['my-project', 'dev', '--dry-run', '--allow-dirty'])
  expect(allowed.output).toContain(`sluice:${changed.commit}-dirty`)
})
