export const PARTS = ['generator', 'table manager', 'pipeline'] as const
export type PartName = (typeof PARTS)[number]

/** What only one part is made of. Whatever else lies in a source folder is a part of all three. */
const OWN: readonly (readonly [folder: string, parts: readonly PartName[]])[] = [
  ['src/generator/', ['generator']],
  ['src/cli/commands/generator.ts', ['generator']],
  ['src/tables/', ['table manager']],
  ['src/cli/commands/table-manager.ts', ['table manager']],
  ['pipeline/', ['pipeline']],
  ['src/cli/commands/pipeline.ts', ['pipeline']],
  ['src/cli/', []],
  ['src/outputs/', []],
  ['src/recording/', []],
  ['emulators/', []],
]

/** Which parts must be restarted when this file changes; its path is relative to the project, with slashes. */
export function affectedBy(path: string): readonly PartName[] {
  if (!isSource(path)) return []
  const [, parts = PARTS] = OWN.find(([folder]) => path.startsWith(folder)) ?? []
  return parts
}

/** Whether the file is loaded by what keeps running, so that only a new `sluice dev` would take the change. */
export const staysAsItWas = (path: string): boolean => isSource(path) && /^(emulators|src\/cli\/dev)\//.test(path)

const isSource = (path: string) => path.endsWith('.ts') && !path.endsWith('.test.ts')
