/** One sample: the name as written, its labels, and its value. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly Sample[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`)
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
}

/**
 * Reads Prometheus' text format, and throws where it is not as its specification says
 * (github.com/prometheus/docs, content/docs/instrumenting/exposition_formats.md): a family is told in one place, by HELP,
 * TYPE and its samples, each once; buckets are cumulative and end in +Inf, which is the count.
 */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.')
  const families = new Map<string, Family & { samples: Sample[] }>()
  const seen = new Set<string>()
  let current: (Family & { samples: Sample[] }) | undefined
  let help: readonly [string, string] | undefined
  for (const line of text.split('\n')) {
    if (line === '') continue
    const [, keyword, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line) ?? []
    if (keyword === 'HELP') {
      help = [name, rest]
    } else if (keyword === 'TYPE') {
      if (help?.[0] !== name) throw new Error(`TYPE without HELP: ${line}`)
      if (families.has(name)) throw new Error(`Told twice: ${line}`)
      current = { name, help: help[1], type: rest, samples: [] }
      families.set(name, current)
    } else {
      const sample = sampleOf(line)
      const names = (SUFFIXES[current?.type ?? ''] ?? ['']).map((suffix) => `${current?.name}${suffix}`)
      if (!current || !names.includes(sample.name)) throw new Error(`Of no family: ${line}`)
      const key = line.slice(0, line.lastIndexOf(' '))
      if (seen.has(key)) throw new Error(`Told twice: ${line}`)
      seen.add(key)
      current.samples.push(sample)
    }
  }
  for (const family of families.values()) if (family.type === 'histogram') checkBuckets(family)
  return families
}

function sampleOf(line: string): Sample {
  const [, name, labelText = '', valueText = ''] = SAMPLE.exec(line) ?? []
  const value = valueText === '+Inf' ? Number.POSITIVE_INFINITY : Number(valueText)
  if (!name || Number.isNaN(value)) throw new Error(`No sample: ${line}`)
  const labels: Record<string, string> = {}
  let left = labelText
  while (left !== '') {
    const [all, label, text] = LABEL.exec(left) ?? []
    if (!all || !label || Object.hasOwn(labels, label)) throw new Error(`No labels: ${line}`)
    labels[label] = text!.replaceAll(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c))
    left = left.slice(all.length)
  }
  return { name, labels, value }
}

function checkBuckets({ name, samples }: Family): void {
  const series = ({ labels: { le: _, ...others } }: Sample) => JSON.stringify(others)
  for (const of of Object.values(Object.groupBy(samples, series))) {
    const buckets = of!.filter((sample) => sample.name === `${name}_bucket`)
    const bounds = buckets.map(({ labels }) => (labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le)))
    const values = buckets.map(({ value }) => value)
    const rising = (numbers: number[]) => numbers.every((n, i) => i === 0 || numbers[i - 1]! <= n)
    const count = of!.find((sample) => sample.name === `${name}_count`)?.value
    if (!rising(bounds) || !rising(values)) throw new Error(`The buckets of ${name} do not rise.`)
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || values.at(-1) !== count) throw new Error(`${name} lacks +Inf.`)
  }
}

/** The value of the one sample with this name and these labels; throws when there is none. */
export function valueIn(families: Map<string, Family>, name: string, labels: Readonly<Record<string, string>> = {}) {
  const matches = (sample: Sample) =>
    sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  const found = [...families.values()].flatMap(({ samples }) => samples.filter(matches))
  if (found.length !== 1) throw new Error(`${found.length} samples are ${name}${JSON.stringify(labels)}.`)
  return found[0]!.value
}
