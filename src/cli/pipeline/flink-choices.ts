import { Option } from 'commander'
import { positiveNumber } from '../arguments.ts'
import { UserError } from '../user-error.ts'

/** What `--runner flink` may be told. */
export interface FlinkChoices {
  readonly parallelism?: number
  readonly checkpointSeconds?: number
  readonly jars?: string
}

export const parallelism = () =>
  new Option('--parallelism <n>', 'on Flink: how many slots, each with a worker process (default: 1)').argParser(
    positiveNumber,
  )

export const jars = () =>
  new Option('--jars <folder>', "on Flink: Beam's and Flink's jars (default: where scripts/fetch-flink.sh puts them)")

/** Throws a UserError if there is any: another runner would ignore it. */
export function refuseFlinkChoices({ parallelism, checkpointSeconds, jars }: FlinkChoices): void {
  const given = Object.entries({
    '--parallelism': parallelism,
    '--checkpoint-seconds': checkpointSeconds,
    '--jars': jars,
  }).find(([, value]) => value !== undefined)
  if (given) throw new UserError(`${given[0]} is for --runner flink alone.`)
}
