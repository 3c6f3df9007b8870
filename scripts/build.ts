/**
 * Makes dist/, which is the npm package: npm run build && npm pack ./dist
 *
 * It mirrors the sources' folders, so that what lies beside them is found from there as it is from here. The same sources
 * give the same bytes.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { ALONG, isStoodInFor, manifests, type Project, type Sdk } from './build/manifest.ts'

/** Of the SDK's dist folder, the part that it exports, but for what runs its own tests and examples. */
const SDK_CODE = 'dist/src/apache_beam'
const SDK_LEFT_OUT = /\.map$|^(testing|examples)(\/|$)/

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const sdk = join(root, 'node_modules/apache-beam')
const sdkInDist = join(dist, 'node_modules/apache-beam')

const read = <Manifest>(folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const write = (folder: string, manifest: unknown) =>
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)

/** The names of the packages in a node_modules folder. */
function installedIn(folder: string): string[] {
  return globSync(['*/package.json', '@*/*/package.json'], { cwd: folder })
    .map((file) => dirname(file).split(sep).join('/'))
    .sort()
}

rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
for (const path of ALONG) cpSync(join(root, path), join(dist, path), { recursive: true })

cpSync(join(sdk, SDK_CODE), join(sdkInDist, SDK_CODE), {
  recursive: true,
  filter: (path) => !SDK_LEFT_OUT.test(relative(join(sdk, SDK_CODE), path).split(sep).join('/')),
})
cpSync(join(sdk, 'README.md'), join(sdkInDist, 'README.md'))
// Its npm package has none, though it is under the same licence.
cpSync(join(root, 'LICENSE'), join(sdkInDist, 'LICENSE'))

const project = read<Project>(root)
const nested = installedIn(join(sdk, 'node_modules')).filter((name) => !isStoodInFor(project, name))
for (const name of nested)
  cpSync(join(sdk, 'node_modules', name), join(sdkInDist, 'node_modules', name), { recursive: true })

const made = manifests(project, read<Sdk>(sdk), nested)
write(dist, made.sluice)
write(sdkInDist, made.sdk)
