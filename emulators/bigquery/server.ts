import { createRequire } from 'node:module'
import { gunzipSync } from 'node:zlib'
import * as grpc from '@grpc/grpc-js'
import type { FastifyRequest } from 'fastify'
import { type Clock, systemClock } from '../../clock/index.ts'
import {
  addService,
  type FaultPlan,
  faultInterceptor,
  invalidArgument,
  jsonApi,
  type Listening,
  type ListenOptions,
  listen,
  loadPackages,
} from '../shared/index.ts'
import { Engine } from './engine/engine.ts'
import type { Context } from './handlers/context.ts'
import { datasetRoutes } from './handlers/datasets.ts'
import { jobRoutes } from './handlers/jobs.ts'
import { tabledataRoutes } from './handlers/tabledata.ts'
import { tableRoutes } from './handlers/tables.ts'
import { addWriteApi } from './handlers/write-api.ts'
import { Catalog } from './model/catalog.ts'
import { Jobs } from './model/jobs.ts'
import type { Compile } from './model/statement.ts'
import { Tables } from './model/tables.ts'
import { WriteStreams } from './model/write-streams.ts'
import { scalarFunctions } from './sql/index.ts'
import { parseBody } from './wire/body.ts'

export interface BigQueryOptions extends Pick<ListenOptions, 'host' | 'port'> {
  /** The real time unless given. */
  readonly clock?: Clock
  /** For tests: calls that are to fail. */
  readonly faults?: FaultPlan
}

/** The limit of one AppendRows request (cloud.google.com/bigquery/quotas#write-api-limits), and some for its frame. */
const MOST_REQUEST_BYTES = 20 * 2 ** 20

/** Starts the emulator with a compiler of GoogleSQL: REST and the Storage API's gRPC on one port. */
export async function serveBigQuery(compile: Compile, options: BigQueryOptions = {}): Promise<Listening> {
  const { clock = systemClock, host, port, faults } = options
  await using starting = new AsyncDisposableStack()
  const store = starting.use(await Engine.open(scalarFunctions))
  const catalog = new Catalog(store, clock)
  starting.defer(() => catalog.close())
  const tables = new Tables(catalog, store, clock)
  const jobs = new Jobs({ catalog, tables, store, clock, compile })
  starting.defer(() => jobs.close())
  const streams = new WriteStreams(tables, clock)
  const context = { catalog, tables, store, jobs, streams }
  const listening = starting.use(await listen({ host, port, http: rest(context, faults), grpc: rpc(context, faults) }))
  const running = starting.move()
  return { ...listening, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Google's Java client compresses what it sends. */
function parse(body: Buffer, encoding: string | undefined): unknown {
  try {
    return parseBody(String(encoding === 'gzip' ? gunzipSync(body) : body))
  } catch (cause) {
    throw invalidArgument('Invalid JSON payload received.', { reason: 'parseError', cause })
  }
}

/** Google's clients use `/bigquery/v2`, or no prefix at all when a variable names the emulator. */
function rest(context: Context, faults?: FaultPlan) {
  const app = jsonApi(faults)
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: string | Buffer) =>
      parse(body as Buffer, request.headers['content-encoding']),
  )
  for (const prefix of ['/bigquery/v2', '']) {
    void app.register(
      async (routes) => {
        datasetRoutes(routes, context)
        tableRoutes(routes, context)
        tabledataRoutes(routes, context)
        jobRoutes(routes, context)
      },
      { prefix },
    )
  }
  return app
}

function rpc(context: Context, faults?: FaultPlan): grpc.Server {
  const server = new grpc.Server({
    'grpc.max_receive_message_length': MOST_REQUEST_BYTES,
    ...(faults && { interceptors: [faultInterceptor(faults)] }),
  })
  const require = createRequire(import.meta.url)
  const packages = loadPackages(require('@google-cloud/bigquery-storage/build/protos/protos.json'))
  addWriteApi(server, packages, context)
  addService(server, packages, 'google.cloud.bigquery.storage.v1.BigQueryRead', {})
  return server
}
