import { styleText } from 'node:util'
import type { DestinationStream } from 'pino'
import type { Clock } from '../../../clock/index.ts'
import type { BundleReport } from '../../../pipeline/index.ts'
import { Complaints } from '../dev/complaint.ts'
import { bundleLines } from './bundle-lines.ts'
import { isWellDone, sentenceOf } from './sentence.ts'

interface Output {
  readonly columns?: number
  write(text: string): unknown
}

export interface PrintOptions {
  readonly json: boolean
  readonly clock: Clock
}

/** Prints what became of a bundle: as JSON, or in a line for a person, yellow where there is something to look at. */
export const printBundle =
  (output: Output, { json, clock }: PrintOptions) =>
  (report: BundleReport): void => {
    const time = new Date(clock.now())
    if (json) {
      for (const line of bundleLines(report, time)) output.write(`${line}\n`)
      return
    }
    const { columns = 80 } = output
    const line = `${time.toTimeString().slice(0, 8)}  ${sentenceOf(report)}`
    const cut = line.length > columns ? `${line.slice(0, columns - 1)}…` : line
    output.write(`${isWellDone(report) ? cut : styleText('yellow', cut)}\n`)
  }

/** Where a log goes that a person reads: in words, and what is said again and again only now and then. */
export function wordsOn(output: Output, clock: Clock): DestinationStream {
  const complaints = new Complaints('pipeline')
  return {
    write(line) {
      const text = complaints.text(line, clock.now())
      if (text) output.write(`${text}\n`)
    },
  }
}
