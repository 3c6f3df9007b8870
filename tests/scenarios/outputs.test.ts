import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPipeline } from '../../pipeline/index.ts'
import { batchingTopic, generateMessages, publishTo } from '../../src/generator/index.ts'
import { type Backend, runSluice, spawnSluice, startBackend } from '../harness.ts'
import { listeningBigQuery } from '../listening-bigquery.ts'

const HOUR_MS = 3_600_000

/** Emulators that hold what a pipeline made of events of the last hour, and of some that are two days old. */
interface Written extends Backend {
  readonly recent: readonly string[]
  readonly old: readonly string[]
}

async function startWritten(): Promise<Written> {
  const now = Date.now()
  const backend = await startBackend({ start: now })
  const { clients, settings } = backend
  const some = (seed: number, to: number) => [
    ...generateMessages({ seed, count: 40, malformedRatio: 0.1, eventTimes: { from: to - HOUR_MS / 4, to } }),
  ]
  const [recent, old] = [some(1, now), some(2, now - 48 * HOUR_MS)]
  const settled = new Set<string>()
  const all = Promise.withResolvers<void>()
  await using _pipeline = await startPipeline({
    clients,
    settings,
    bundle: { maxWaitMs: 50 },
    onBundle(bundle) {
      for (const id of bundle.settled) settled.add(id)
      if (settled.size === recent.length + old.length) all.resolve()
    },
  })
  const publish = publishTo(batchingTopic(clients.pubsub, settings.resources.topic))
  await Promise.all([...recent, ...old].map(publish))
  await all.promise
  // A malformed message has no time of its own: it counts from when it was published.
  const isOld = (m: (typeof old)[number]) => m.reason === undefined
  return {
    ...backend,
    recent: [...recent, ...old.filter((m) => !isOld(m))].map(({ eventId }) => eventId),
    old: old.filter(isOld).map(({ eventId }) => eventId),
  }
}

let written: Written
beforeAll(async () => {
  written = await startWritten()
}, 60_000)
afterAll(() => written[Symbol.asyncDispose]())

const asDocker = ({ environment }: Pick<Backend, 'environment'>) => ({
  ...environment,
  SLUICE_BACKEND: 'docker',
  BIGQUERY_STORAGE_EMULATOR_HOST: environment.BIGQUERY_EMULATOR_HOST!,
})

const EVERY_ID = `SELECT event_id FROM (FROM bq.orders SELECT event_id UNION ALL FROM bq.inventory SELECT event_id
  UNION ALL FROM bq.user_activity SELECT event_id UNION ALL FROM bq.dead_letters SELECT event_id) ORDER BY ALL`

async function ask(sql: string, ...options: string[]) {
  const { exitCode, output, complaints } = await runSluice(['sql', sql, '--json', ...options], written.environment)
  expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' })
  return JSON.parse(output) as Record<string, unknown>[]
}

const idsOf = (rows: readonly Record<string, unknown>[]) => rows.map(({ event_id }) => event_id)

test('sql answers over all rows and raw files, and each row has the line that it came from', async () => {
  expect(idsOf(await ask(EVERY_ID))).toEqual([...written.recent, ...written.old].sort())
  const same = `SELECT count(*) AS orders, count(*) FILTER (
      r.items IS NOT DISTINCT FROM l.items AND r.total_amount = l.total_amount AND r.order_date = l.order_date
      AND r.shipping_address IS NOT DISTINCT FROM l.shipping_address AND r.publish_time = l._meta.publish_time
      AND date_trunc('minute', r.event_time) = l._minute) AS same
    FROM bq.orders r JOIN raw.order l USING (event_id)`
  const [{ orders, same: agree } = {}] = await ask(same)
  expect(orders).toBeGreaterThan(10)
  expect(agree).toBe(orders)
})

test('a trace leads from the message to the file and the row, or to the dead letter', async () => {
  const [{ event_id: order } = {}] = await ask('SELECT event_id FROM bq.orders LIMIT 1')
  expect((await ask(`FROM trace('${order}')`)).map(({ stage }) => stage)).toEqual(['published', 'raw line', 'row'])
  const [{ event_id, reason } = {}] = await ask('SELECT event_id, reason FROM bq.dead_letters LIMIT 1')
  const steps = await ask(`FROM trace('${event_id}')`)
  expect(steps.map(({ stage }) => stage)).toEqual(['published', 'dead letter line', 'dead letter row'])
  expect(steps[1]).toMatchObject({ place: expect.stringMatching(/^output\/_dead_letter\/.*\.json:\d+$/) })
  expect(steps[2]).toMatchObject({ place: 'bq.dead_letters', detail: expect.stringContaining(`${reason}: `) })
})

test('--from, --to and --types bound what is collected, and dead letters come along', async () => {
  const twoDaysAgo = new Date(Date.now() - 48 * HOUR_MS - HOUR_MS / 2).toISOString()
  const oneDayAgo = new Date(Date.now() - 24 * HOUR_MS).toISOString()
  expect(idsOf(await ask(EVERY_ID, '--from', twoDaysAgo, '--to', oneDayAgo))).toEqual([...written.old].sort())
  const counts = await ask(
    'SELECT (SELECT count(*) FROM raw.order) AS orders, (SELECT count(*) FROM raw.inventory) AS changes, (SELECT count(*) FROM raw._dead_letter) AS letters',
    '--types',
    'inventory',
  )
  expect(counts).toEqual([{ orders: 0, changes: expect.any(Number), letters: expect.any(Number) }])
  expect(counts[0]?.changes).toBeGreaterThan(0)
  expect(counts[0]?.letters).toBeGreaterThan(0)
})

test('where the pipeline runs elsewhere the last hour is collected, of its partition alone, and that is said', async () => {
  await using seen = await listeningBigQuery(written.environment.BIGQUERY_EMULATOR_HOST!)
  const variables = { ...asDocker(written), BIGQUERY_EMULATOR_HOST: seen.address }
  const { exitCode, output, complaints } = await runSluice(['sql', EVERY_ID, '--json'], variables)
  expect(exitCode).toBe(0)
  expect(idsOf(JSON.parse(output))).toEqual([...written.recent].sort())
  expect(complaints).toContain('the last hour; --from, --to or --all say otherwise')
  expect(complaints).toMatch(/\d+ rows, \d+ raw files, BigQuery processed [\d.,]+ (bytes|kB)/)
  expect(seen.questions).toHaveLength(4)
  for (const question of seen.questions) expect(question).toMatch(/WHERE event_date >= DATE '[\d-]+' AND \w+_time >= /)
})

test('a table fits into 80 columns, and its errors help', async () => {
  const { exitCode, output } = await runSluice(
    ['sql', 'FROM bq.orders SELECT event_id, items LIMIT 3'],
    written.environment,
  )
  expect(exitCode).toBe(0)
  const lines = output.split('\n')
  expect(lines.at(-1)).toBe('3 rows')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  const wrong = await runSluice(['sql', 'FROM orders'], written.environment)
  expect(wrong).toMatchObject({
    exitCode: 2,
    output: '',
    complaints: expect.stringContaining('Did you mean "bq.orders"?'),
  })
})

test('Ctrl+C ends a query that would run for years', async () => {
  const years =
    'SELECT 1 AS started; SELECT count(*) FROM range(1000000000000) a, range(1000000) b WHERE a.range * b.range % 7 = 3'
  await using sluice = spawnSluice(['sql', years, '--csv'], written.environment)
  for await (const line of sluice.lines) if (line === '1') sluice.kill('SIGINT')
  expect(await sluice.ended).toBe(2)
  expect(await sluice.complaints).toBe('sluice: interrupted.\n')
})

test('a backend that is not up, options that contradict each other and no query are mistakes', async () => {
  const down = { ...written.environment, BIGQUERY_EMULATOR_HOST: '127.0.0.1:9' }
  const runs = await Promise.all([
    runSluice(['sql', 'SELECT 1'], down),
    runSluice(['reconcile'], down),
    runSluice(['sql', 'SELECT 1', '--json', '--csv'], written.environment),
    runSluice(['sql', ' -- nothing'], written.environment),
    runSluice(['reconcile', '--settle', 'soon'], written.environment),
    runSluice(['sql', 'SELECT 1', '--folder', '/nowhere'], written.environment),
  ])
  expect(runs.map(({ exitCode }) => exitCode)).toEqual([2, 2, 2, 2, 2, 2])
  for (const { complaints } of runs) expect(complaints).toMatch(/^sluice: [^\n]+\n$/)
})

test('reconcile proves that rows, raw lines and dead letters agree, of all times or of some', async () => {
  const all = await runSluice(['reconcile', '--json'], written.environment)
  expect(all).toMatchObject({ exitCode: 0, complaints: '' })
  expect(JSON.parse(all.output)).toMatchObject({
    reconciled: true,
    onTheWay: [],
    reconciliation: { published: 80, missing: [], duplicated: [], differing: [], strangeFiles: [] },
  })
  const hour = await runSluice(['reconcile'], asDocker(written))
  expect(hour).toMatchObject({ exitCode: 0, complaints: '' })
  expect(hour.output).toContain(`✔ reconcile: ${written.recent.length} events, missing 0, duplicated 0`)
  for (const line of hour.output.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
})

test('reconcile names what was published and never written, and how to trace it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  try {
    const file = join(folder, 'published.ndjson')
    const noted = [{ event_id: 'evt-lost' }, { event_id: 'evt-young', publish_time: new Date().toISOString() }]
    const known = written.recent.map((event_id) => ({ event_id }))
    writeFileSync(file, [...known, ...noted].map((entry) => `${JSON.stringify(entry)}\n`).join(''))
    const { exitCode, output } = await runSluice(['reconcile', '--published', file], written.environment)
    expect(exitCode).toBe(1)
    expect(output).toContain('Missing\n  evt-lost: published, but nowhere to be found')
    expect(output).toContain('Still on the way: no fault yet\n  evt-young: published, but nowhere to be found')
    expect(output).toContain(`Trace one:\n  sluice sql "FROM trace('evt-lost')" --records`)
    writeFileSync(file, '{"event_id":"a"}\n{"id":"b"}\n')
    const wrong = await runSluice(['reconcile', '--published', file], written.environment)
    expect(wrong).toMatchObject({
      exitCode: 2,
      complaints: expect.stringContaining('published.ndjson:2 has no event_id'),
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('reconcile finds a row without its line and a line without its row, unless that may still come', async () => {
  await using backend = await startWritten()
  const { clients, settings } = backend
  const bucket = clients.storage.bucket(settings.resources.bucket)
  const [orders] = await bucket.getFiles({ prefix: 'output/order/' })
  await orders[0]!.delete()
  const inventory = clients.bigquery.dataset(settings.resources.dataset).table('inventory')
  const [{ schema, timePartitioning, clustering }] = await inventory.getMetadata()
  const [rows] = await inventory.getRows()
  await inventory.delete()
  await inventory.create({ schema, timePartitioning, clustering })
  await bucket.file('output/order/2024/01/15/10/30/by-hand.json').save('{}')

  const later = await runSluice(['reconcile', '--settle', '0s', '--json'], backend.environment)
  expect(later.exitCode).toBe(1)
  const { reconciliation, onTheWay } = JSON.parse(later.output)
  const missing = Map.groupBy(reconciliation.missing as { rows: number }[], (d) => (d.rows > 0 ? 'line' : 'row'))
  expect(missing.get('row')).toHaveLength(rows.length)
  expect(missing.get('line')?.length).toBeGreaterThan(0)
  expect(onTheWay).toEqual([])
  expect(reconciliation.strangeFiles).toEqual(['output/order/2024/01/15/10/30/by-hand.json'])

  const soon = await runSluice(['reconcile', '--settle', '1h', '--markdown'], backend.environment)
  expect(soon.exitCode).toBe(1)
  expect(soon.output).toContain(`| inventory | 0 | inventory | ${rows.length} |`)
  expect(soon.output).toMatch(/### Missing\n\n(- \S+: a row, but no raw line\n)+\n/)
  expect(soon.output).toMatch(/### Still on the way: no fault yet\n\n(- \S+: a raw line, but no row\n?)+/)
}, 60_000)
