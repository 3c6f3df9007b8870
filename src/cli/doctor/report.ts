import { styleText } from 'node:util'
import type { Result, Status } from './check.ts'

const COLUMNS = 80
/** With less room beside the names, what was found stands below them. */
const LEAST_ROOM = 36
const INDENT = '    '

const MARKS = {
  well: { mark: '✔', colour: 'green' },
  note: { mark: '!', colour: 'yellow' },
  fault: { mark: '✖', colour: 'red' },
  skipped: { mark: '-', colour: 'gray' },
} as const satisfies Readonly<Record<Status, { mark: string; colour: string }>>

export const isWell = (results: readonly Result[]): boolean => results.every(({ status }) => status !== 'fault')

/** All that was found, group by group, and the verdict: for a person, in 80 columns. */
export function report(results: readonly Result[]): string {
  const groups = Map.groupBy(results, ({ group }) => group)
  const sections = [...groups].map(([title, found]) => [styleText('bold', title), ...section(found)].join('\n'))
  return [...sections, verdict(results)].join('\n\n')
}

function section(results: readonly Result[]): string[] {
  const [first, ...others] = results
  if (first && others.length > 0 && results.every(({ status }) => status === 'skipped')) {
    const reasons = new Set(results.map(({ detail }) => detail))
    return section([{ ...first, name: `${results.length} checks`, detail: [...reasons].join('; ') }])
  }
  const width = Math.max(...results.map(({ name }) => name.length))
  const room = COLUMNS - width - 4
  return results.flatMap(({ status, name, detail, mend }) => {
    const { mark, colour } = MARKS[status]
    const head = `${styleText(colour, mark)} ${name.padEnd(width)}`
    const fits = room >= LEAST_ROOM && detail.split(/\s+/).every((word) => word.length <= room)
    return [
      ...(fits
        ? wrapped(detail, room).map((line, i) => (i === 0 ? `${head}  ${line}` : ' '.repeat(width + 4) + line))
        : [head.trimEnd(), ...wrapped(detail, COLUMNS - INDENT.length).map((line) => INDENT + line)]),
      ...(mend ? wrapped(mend, COLUMNS - INDENT.length - 2).map(mending) : []),
    ]
  })
}

const mending = (line: string, i: number) => `${INDENT}${i === 0 ? '→' : ' '} ${line}`

/** A word that is longer than there is room, such as a URL, has a line of its own, where it can be copied. */
function wrapped(text: string, room: number): string[] {
  const lines: string[] = []
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

function verdict(results: readonly Result[]): string {
  const count = (status: Status) => results.filter((result) => result.status === status).length
  const [faults, notes, skipped] = [count('fault'), count('note'), count('skipped')]
  const others = [
    ...(notes > 0 ? [`${notes} worth knowing`] : []),
    ...(skipped > 0 ? [`${skipped} not asked`] : []),
  ].join(', ')
  const text = faults === 0 ? '✔ doctor: all is well' : `✖ doctor: ${faults} ${faults === 1 ? 'fault' : 'faults'}`
  return styleText(faults === 0 ? 'green' : 'red', others ? `${text}; ${others}` : text)
}
