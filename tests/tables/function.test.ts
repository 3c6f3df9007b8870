import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Backend, spawnSluice, startBackend } from '../harness.ts'

const root = join(import.meta.dirname, '../..')
const framework = join(createRequire(import.meta.url).resolve('@google-cloud/functions-framework'), '../main.js')

/** A backend whose orders have no table. */
async function withoutOrders() {
  const backend = await startBackend()
  const orders = backend.clients.bigquery.dataset(backend.settings.resources.dataset).table('orders')
  await orders.delete()
  return Object.assign(backend, { ordersExist: async () => (await orders.exists())[0] })
}

const publishOrder = ({ clients, settings }: Backend) =>
  clients.pubsub.topic(settings.resources.topic).publishMessage({ json: { event_type: 'order' } })

test('sluice table-manager makes the table of a published event, and ends when it is told to', async () => {
  await using backend = await withoutOrders()
  await using sluice = spawnSluice(['table-manager', '--port', '0', '--subscribe'], backend.environment)
  const logged: Record<string, unknown>[] = []
  for await (const line of sluice.lines) {
    logged.push(JSON.parse(line))
    if (logged.at(-1)?.message === 'the table manager is up') await publishOrder(backend)
    if (logged.at(-1)?.message === 'table orders created') sluice.kill('SIGTERM')
  }
  expect(await sluice.ended).toBe(0)
  expect(await backend.ordersExist()).toBe(true)
  expect(logged.at(-1)).toMatchObject({ severity: 'INFO', table: 'orders', counts: { tables: { created: 1 } } })
})

test('the framework’s own command loads the function that is deployed', async () => {
  await using backend = await withoutOrders()
  const port = await freePort() // it cannot say which one it took
  const args = ['--target=manageTable', `--source=${join(root, 'src/tables/cloud.ts')}`, `--port=${port}`]
  const child = spawn(process.execPath, [framework, ...args], {
    env: { PATH: process.env.PATH, ...backend.environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(child.stdout, 'data') // it listens before it says so
    const data = Buffer.from('{"event_type":"order"}').toString('base64')
    const answer = await fetch(`http://127.0.0.1:${port}/projects/p/topics/t`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ subscription: 's', message: { messageId: '1', data } }),
    })
    expect(answer.status).toBe(204)
    expect(await backend.ordersExist()).toBe(true)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return port
}
