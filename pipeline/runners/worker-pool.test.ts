import '../beam/sdk.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { credentials } from '@grpc/grpc-js'
import { StartWorkerRequest, StopWorkerRequest } from 'apache-beam/proto/beam_fn_api'
import { BeamFnExternalWorkerPoolClient } from 'apache-beam/proto/beam_fn_api.grpc-client'
import { expect, test } from 'vitest'
import { call } from '../beam/call.ts'
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts'

/** Tells how it was called, and runs until its standard input ends. */
const WORKER = `console.log(process.argv.slice(1).join(' ')); process.stdin.resume()`
const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function start(options: Partial<WorkerPoolOptions> = {}) {
  const lines: string[] = []
  const warnings: string[] = []
  const pool = new WorkerPool({
    command: [process.execPath, '-e', WORKER, '--'],
    log: { info() {}, warn: (_fields, text) => void warnings.push(text), error() {} },
    onLine: (line) => void lines.push(line),
    onComplaint: (line) => void lines.push(line),
    ...options,
  })
  const client = new BeamFnExternalWorkerPoolClient(await pool.listen(), credentials.createInsecure())
  return {
    pool,
    lines,
    warnings,
    startWorker: (workerId: string) =>
      call(
        client.startWorker.bind(client),
        StartWorkerRequest.create({ workerId, controlEndpoint: { url: 'localhost:4711' } }),
      ),
    stopWorker: (workerId: string) => call(client.stopWorker.bind(client), StopWorkerRequest.create({ workerId })),
    async [Symbol.asyncDispose]() {
      client.close()
      await pool[Symbol.asyncDispose]()
    },
  }
}

const until = async (condition: () => boolean) => {
  while (!condition()) await pause(10)
}

test('a worker runs in a process of its own, which knows its id and the control service', async () => {
  await using started = await start()
  expect(await started.startWorker('1-1')).toEqual({ error: '' })
  await until(() => started.lines.length === 1)
  expect(started.lines).toEqual(['--id 1-1 --control localhost:4711'])
  expect(started.pool.pids).toHaveLength(1)
})

test('a worker has the environment that the pool is told, and the pool tells when one was asked for', async () => {
  const command = [process.execPath, '-e', `console.log(Object.keys(process.env).sort().join(' '))`, '--'] as const
  await using started = await start({ command, environment: { SLUICE_ENV: 'dev', HOME: '/' } })
  await Promise.all([started.startWorker('1-1'), started.pool.asked])
  await until(() => started.lines.length === 1)
  expect(started.lines).toEqual(['HOME SLUICE_ENV'])
})

test('a worker that is let go has ended when the runner hears so', async () => {
  await using started = await start()
  await started.startWorker('1-1')
  const [pid] = started.pool.pids
  expect(await started.stopWorker('1-1')).toEqual({ error: '' })
  expect([runs(pid!), started.pool.pids]).toEqual([false, []])
})

test('letting go of a worker that nobody knows is no fault', async () => {
  await using started = await start()
  expect(await started.stopWorker('9-9')).toEqual({ error: '' })
})

test('a worker that dies is told of, and may be started again under its name', async () => {
  await using started = await start()
  await started.startWorker('1-1')
  process.kill(started.pool.pids[0]!, 'SIGKILL')
  await until(() => started.pool.pids.length === 0)
  expect(started.warnings).toEqual(['A worker has died; the runner goes back to its last checkpoint.'])
  await started.startWorker('1-1')
  expect(started.pool.pids).toHaveLength(1)
})

test('a pool that ends leaves no worker behind', async () => {
  const started = await start()
  await Promise.all(['1-1', '1-2'].map(started.startWorker))
  const { pids } = started.pool
  expect(pids.map(runs)).toEqual([true, true])
  await started[Symbol.asyncDispose]()
  expect(pids.map(runs)).toEqual([false, false])
})
