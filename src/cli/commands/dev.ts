import { Command } from 'commander'
import { port } from '../arguments.ts'
import type { DevOptions } from '../dev/run.ts'

export const dev = () =>
  new Command('dev')
    .description(
      'Run everything together; in a clone, restart what changed in the sources: the emulators keep their state.',
    )
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .option('--generator-port <port>', 'the event generator; 0 takes a free port', port, 8080)
    .option('--table-manager-port <port>', 'the table manager; 0 takes a free port', port, 8787)
    .option('--pipeline-port <port>', 'the health and metrics of the pipeline; 0 takes a free port', port, 8081)
    .option('--pubsub-port <port>', 'the Pub/Sub emulator; 0 takes a free port', port, 8085)
    .option('--storage-port <port>', 'the Cloud Storage emulator; 0 takes a free port', port, 4443)
    .option('--bigquery-port <port>', 'the BigQuery emulator, REST and gRPC; 0 takes a free port', port, 9050)
    .action(async (options: DevOptions) => (await import('../dev/run.ts')).run(options))
