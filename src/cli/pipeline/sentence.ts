import type { BundleReport } from '../../../pipeline/index.ts'
import { count, counted } from '../../text.ts'

/** What became of a bundle, for a person to read: zeros are left out. */
export function sentenceOf(report: BundleReport): string {
  const { received, rows, rawFiles, deadLetters, duplicates, retried, failures, seconds } = report
  const became = [
    [sum(rows), 'row'],
    [rawFiles, 'file'],
    [sum(deadLetters), 'dead letter'],
    [duplicates, 'duplicate'],
  ] as const
  const parts = became.filter(([n]) => n > 0).map(([n, noun]) => counted(n, noun))
  const [why] = failures
  if (retried > 0)
    parts.push(`${count(retried)} to retry${why ? ` (${[why.call, why.code].filter(Boolean).join(' ')})` : ''}`)
  return `${counted(received, 'message')} in ${seconds.toFixed(2)} s: ${parts.join(', ') || 'nothing new'}`
}

/** Nothing of it needs anybody to look. */
export const isWellDone = ({ retried, deadLetters }: BundleReport): boolean => retried === 0 && sum(deadLetters) === 0

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0)
