import { Command } from 'commander'
import { host, port } from '../arguments.ts'
import { interrupted } from '../interrupted.ts'

interface Options {
  readonly host: string
  readonly pubsubPort: number
  readonly storagePort: number
  readonly bigqueryPort: number
  readonly bigqueryGrpcPort?: number
}

export const emulators = () =>
  new Command('emulators')
    .description('Run the three emulators until interrupted; all state is in memory.')
    .addOption(host())
    .option('--pubsub-port <port>', 'Pub/Sub; 0 takes a free port', port, 8085)
    .option('--storage-port <port>', 'Cloud Storage; 0 takes a free port', port, 4443)
    .option('--bigquery-port <port>', 'BigQuery, REST and gRPC; 0 takes a free port', port, 9050)
    .option('--bigquery-grpc-port <port>', 'one more port for BigQuery’s gRPC, for clients that expect two', port)
    .action(run)

async function run(options: Options): Promise<void> {
  const end = interrupted() // from now on: whoever reads our lines may interrupt at once
  const { startEmulators } = await import('../../../emulators/index.ts')
  const started = performance.now()
  await using running = await startEmulators({
    host: options.host,
    ports: {
      pubsub: options.pubsubPort,
      storage: options.storagePort,
      bigquery: options.bigqueryPort,
      ...(options.bigqueryGrpcPort !== undefined && { bigqueryStorage: options.bigqueryGrpcPort }),
    },
  })
  const at = ({ host, port }: { host: string; port: number }) => `${host}:${port}`
  console.log(`# Pub/Sub, Cloud Storage and BigQuery are up after ${Math.round(performance.now() - started)} ms.`)
  console.log('# Put these into the shell that runs your code; Ctrl+C here ends all three.')
  console.log(`export PUBSUB_EMULATOR_HOST=${at(running.pubsub)}`)
  console.log(`export STORAGE_EMULATOR_HOST=http://${at(running.storage)}`)
  console.log(`export BIGQUERY_EMULATOR_HOST=http://${at(running.bigquery)}`)
  await end
}
