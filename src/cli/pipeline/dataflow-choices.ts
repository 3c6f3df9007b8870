import { type Command, Option } from 'commander'
import type { DataflowChoices } from '../../../pipeline/index.ts'
import { positiveNumber } from '../arguments.ts'
import { UserError } from '../user-error.ts'

/** What `--runner dataflow` may be told. */
export interface DataflowCommand extends DataflowChoices {
  readonly dryRun?: boolean
  readonly jobFile?: string
  readonly template?: string
}

const GROUP = 'On Google Cloud Dataflow:'

const several = (value: string, before: readonly string[] = []) => [...before, value]

const options = (): Option[] => [
  new Option('--image <image>', 'the worker image; required'),
  new Option('--machine-type <type>', 'of a worker, such as n2-standard-2; required'),
  new Option('--max-workers <n>', 'how many workers there may be; required').argParser(positiveNumber),
  new Option('--workers <n>', 'how many workers to start with').argParser(positiveNumber),
  new Option('--temp-location <gs://…>', 'a folder for temporary files; required'),
  new Option('--staging-location <gs://…>', 'a folder for the graph (default: staging in --temp-location)'),
  new Option('--job-name <name>', 'what the job is called (default: ENV-pipeline-dataflow)'),
  new Option('--service-account <e-mail>', 'whom the workers run as (default: ENV-pipeline of the project)'),
  new Option('--zone <zone>', 'one zone for all workers (default: any of the region)'),
  new Option('--network <name>', "the workers' network (default: the one called default)"),
  new Option('--subnetwork <name>', 'regions/REGION/subnetworks/NAME'),
  new Option('--no-public-ips', 'workers have private addresses alone'),
  new Option('--kms-key <key>', 'encrypts what Dataflow keeps'),
  new Option('--bundles-per-worker <n>', 'how many bundles a worker has at once').argParser(positiveNumber),
  new Option('--label <key=value>', 'of the job; may be repeated').argParser(several),
  new Option('--experiment <name>', 'besides those that the pipeline needs; may be repeated').argParser(several),
  new Option('--service-option <name>', 'of the Dataflow service; may be repeated').argParser(several),
  new Option('--update', 'replace the job that runs under this name, and take over what it has'),
  new Option('--renamed <old=new>', 'with --update: a stage that has another name now; may be repeated').argParser(
    several,
  ),
  new Option('--dry-run', 'print the job instead of submitting it; on any backend, asks nobody'),
  new Option('--job-file <path>', 'write the job there, and its graph to <path>.pb, instead of submitting it'),
  new Option('--template <gs://…>', 'write the job there as a template instead of submitting it').conflicts('update'),
]

export function withDataflowOptions(command: Command): Command {
  for (const option of options()) command.addOption(option.helpGroup(GROUP))
  return command
}

/** Throws a UserError if there is any: another runner would ignore it. */
export function refuseDataflowChoices(given: Readonly<Record<string, unknown>>): void {
  const found = options().find((option) => {
    const value = given[option.attributeName()]
    return option.negate ? value === false : value !== undefined
  })
  if (found) throw new UserError(`${found.long} is for --runner dataflow alone.`)
}
