import { existsSync, globSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, matchesGlob } from 'node:path'
import { expect, test } from 'vitest'
import { ALONG, manifests, type Project, type Sdk } from '../scripts/build/manifest.ts'

const root = join(import.meta.dirname, '..')
const read = <Content>(file: string): Content => JSON.parse(readFileSync(join(root, file), 'utf8'))
const project = read<Project>('package.json')
const build = read<{ include: string[]; exclude: string[] }>('tsconfig.build.json')
const { sluice, sdk } = manifests(project, read<Sdk>('node_modules/apache-beam/package.json'), ['long'])

const isCompiled = (path: string) =>
  build.include.some((folder) => path.startsWith(`${folder}/`)) &&
  !build.exclude.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`))
const compiled = globSync('**/*.ts', { cwd: root, exclude: ['node_modules', 'dist'] }).filter(isCompiled)

test('every entry of the package, and its command, is a file that is compiled into it', () => {
  const paths = [...Object.values(project.exports), ...Object.values(project.bin)].map((path) =>
    path.replace(/^\.\//, ''),
  )
  expect(paths).toContain('src/index.ts')
  expect(paths.filter((path) => !compiled.includes(path))).toEqual([])
})

test('types and code of an entry lie side by side', () => {
  expect(sluice).toMatchObject({
    bin: { sluice: 'src/cli/bin.js' },
    exports: { './testing': { types: './src/testing/index.d.ts', default: './src/testing/index.js' } },
  })
})

test('no test is compiled into it, and what goes along is there', () => {
  expect(compiled.length).toBeGreaterThan(400)
  expect(compiled.filter((path) => /\.test\.ts$|\/tests\//.test(path))).toEqual([])
  expect(ALONG.filter((path) => !existsSync(join(root, path)))).toEqual([])
})

test('whatever the compiled code imports comes with the package, or is a peer', () => {
  const imported = compiled.flatMap((path) =>
    [
      ...readFileSync(join(root, path), 'utf8').matchAll(/(?:^import|from|import\(|require\() ?'([\w@][\w@/.:-]*)'/gm),
    ].map(([, name]) => /^(?:@[^/]+\/)?[^/]+/.exec(name!)![0]),
  )
  const peers = (sluice.peerDependencies ?? {}) as object
  const known = [...builtinModules, ...Object.keys({ ...sluice.dependencies, ...peers })]
  expect(imported).toContain('apache-beam')
  expect(new Set(imported.filter((name) => !name.startsWith('node:') && !known.includes(name)))).toEqual(new Set())
})

test('what only this project heeds or needs is not in it', () => {
  expect(sluice).not.toHaveProperty('overrides')
  expect(sluice).not.toHaveProperty('scripts')
  expect(sluice).not.toHaveProperty('devDependencies')
})

test('what the Beam SDK loads is asked for by the package, at the versions of the overrides, or lies in the SDK', () => {
  expect(sluice).toMatchObject({ bundleDependencies: ['apache-beam'] })
  expect(sluice.dependencies).toMatchObject({
    bson: '^4.7.0',
    uuid: '^14.0.0',
    protobufjs: project.dependencies.protobufjs,
  })
  for (const name of ['chai', 'ttypescript', 'long']) expect(sluice.dependencies).not.toHaveProperty(name)
  expect(sdk.dependencies).toEqual({ long: '^4.0.0' })
})
