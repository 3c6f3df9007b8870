import { Command, InvalidArgumentError } from 'commander'
import { positiveNumber } from '../arguments.ts'
import type { RecordOptions } from '../record/run.ts'

export const record = () =>
  new Command('record')
    .description('Keep messages of a topic as a fixture, without taking one from anybody.')
    .option('--topic <name>', 'record what is published to it from now on')
    .option('--subscription <name>', 'record what it has not acknowledged yet, and what comes from now on')
    .option('--for <duration>', 'how long to record: 90s, 10m, 1h', duration)
    .option('--count <n>', 'how many messages to record', positiveNumber)
    .requiredOption('--out <dir>', 'the folder of the fixture, which must not exist yet')
    .option('--redact <fields>', 'put pseudonyms in place of these, such as shipping_address.street,ip_address', list)
    .option('--sample <ratio>', 'record only this part of the events: 0.1 is one in ten', ratio)
    .option('--description <text>', 'what is in it, for whoever finds the fixture')
    .addHelpText(
      'after',
      `
Works on every backend, through a temporary subscription of its own that is
removed when the recording ends, fails or is interrupted; should the recorder be
killed, Pub/Sub removes it after a day without use (8 days with --subscription).
--subscription never pulls from the subscription that it names: the temporary one
is set to a snapshot of it, and its owner keeps every message.
Pseudonyms: the same value has the same one in all of the fixture, so joins work;
their key is made up for each recording and never written. An address stays one,
a number keeps its digits. An attribute of the name, an ordering key, and an
attribute that repeats a redacted value are redacted too. Where data is not a
JSON object nothing can be found in it, so all of it is replaced, and counted.
The sample goes by the event id: an event is in it at all times, or never.`,
    )
    .action(async (options: RecordOptions) => (await import('../record/run.ts')).run(options))

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

function duration(text: string): number {
  const [, amount, unit] = /^([1-9]\d*)(ms|s|m|h)$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) throw new InvalidArgumentError('It must be such as 90s, 10m or 1h.')
  return Number(amount) * UNITS[unit]!
}

function ratio(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('It must be more than 0 and less than 1.')
  return value
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
