import { createPublicKey, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request, type ServerResponse } from 'node:http'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  createSecureServer as createGrpc,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createRest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createServer, type TLSSocket } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { type Emulators, startEmulators } from '../../emulators/index.ts'
import { selfSigned } from './certificate.ts'
import { grantedOf, permissionsResponse } from './iam.ts'
import { PROJECT, serviceAccountKey } from './service-account.ts'

export const TOKEN = 'ya29.made-for-this-test'

/** A request as Google would have received it: over TLS, at the host that the client asked for. */
export interface Received {
  readonly host: string
  /** `GET /bigquery/v2/…`, or the path of a gRPC method. */
  readonly what: string
  readonly authorization: string | undefined
}

/** Google Cloud on this machine: TLS and credentials in front of the emulators, and the answers that they lack. */
export interface Google extends AsyncDisposable {
  readonly emulators: Emulators
  readonly received: readonly Received[]
  /** What a `sluice` process needs to take this for Google Cloud. */
  readonly environment: Readonly<Record<string, string>>
  /** The service account's public key, which its signatures are checked with. */
  readonly publicKey: KeyObject
  /** Permissions that the service account does not have, as `SERVICE.RESOURCE.VERB`. */
  readonly denied: Set<string>
}

/** A REST service that no emulator has: what it answers, by host. */
export type Answers = Readonly<Record<string, (what: string, body: string) => { status: number; body: object }>>

export async function startGoogle(answers: Answers = {}): Promise<Google> {
  await using starting = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'))
  starting.defer(() => rmSync(folder, { recursive: true }))
  const emulators = starting.use(await startEmulators())
  const received: Received[] = []
  const denied = new Set<string>()
  const key = serviceAccountKey()
  const certificate = selfSigned('*.googleapis.com')
  const grpc = createGrpc(certificate)
  const rest = createRest(certificate)
  const server = createServer({ ...certificate, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => {})
    const to = socket.alpnProtocol === 'h2' ? grpc : rest
    to.emit('secureConnection', socket)
  })
  const open = new Set<TLSSocket>()
  const sessions = new Map<string, ClientHttp2Session>()
  starting.defer(() => {
    for (const one of [...sessions.values(), ...open]) one.destroy()
    server.close()
  })

  const grpcOf: Readonly<Record<string, { host: string; port: number }>> = {
    'pubsub.googleapis.com': emulators.pubsub,
    'bigquerystorage.googleapis.com': emulators.bigquery,
  }
  const sessionOf = (host: string) => {
    const { host: address, port } = grpcOf[host]!
    const session = sessions.get(host) ?? connect(`http://${address}:${port}`)
    sessions.set(host, session)
    return session
  }
  grpc.on('stream', (stream, headers) => {
    const host = String(headers[':authority']).replace(/:443$/, '')
    const path = String(headers[':path'])
    received.push({ host, what: path, authorization: headers.authorization })
    if (path === '/google.iam.v1.IAMPolicy/TestIamPermissions') void answerPermissions(stream, denied)
    else forward(stream, sessionOf(host).request({ ...headers, ':scheme': 'http' }))
  })

  const restOf: Readonly<Record<string, { host: string; port: number }>> = {
    'storage.googleapis.com': emulators.storage,
    'bigquery.googleapis.com': emulators.bigquery,
  }
  rest.on('request', (incoming, response) => {
    const { authorization, host = '' } = incoming.headers
    received.push({ host, what: `${incoming.method} ${incoming.url}`, authorization })
    if (host === 'oauth2.googleapis.com') json(response, 200, { access_token: TOKEN, expires_in: 3599 })
    else if (authorization !== `Bearer ${TOKEN}`) json(response, 401, { error: { code: 401, message: 'Who are you?' } })
    else if (/\/iam\/testPermissions\?|\/tables\/\w+:testIamPermissions/.test(incoming.url!))
      void restPermissions(incoming, response, denied)
    else if (
      denied.has('bigquery.jobs.create') &&
      /^POST \/bigquery\/v2\/projects\/[^/]+\/jobs\b/.test(`${incoming.method} ${incoming.url}`)
    )
      json(response, 403, { error: { code: 403, message: 'Access Denied: User does not have bigquery.jobs.create.' } })
    else if (answers[host]) void answer(incoming, response, answers[host])
    else relay(incoming, response, restOf[host]!)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const file = (name: string, content: string) => {
    const path = join(folder, name)
    writeFileSync(path, content)
    return path
  }
  const authority = file('authority.pem', certificate.cert)
  const environment = {
    SLUICE_BACKEND: 'gcp',
    SLUICE_PROJECT: PROJECT,
    HOME: folder,
    GOOGLE_APPLICATION_CREDENTIALS: file('key.json', JSON.stringify(key)),
    NODE_OPTIONS: `--import ${pathToFileURL(join(import.meta.dirname, 'redirect.ts'))}`,
    NODE_EXTRA_CA_CERTS: authority,
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: authority,
    SLUICE_TEST_GOOGLE_PORT: String((server.address() as AddressInfo).port),
  }
  const running = starting.move()
  return {
    emulators,
    received,
    denied,
    environment,
    publicKey: createPublicKey(key.private_key),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** Passes a gRPC call on, with its trailers, which hold its outcome. */
function forward(stream: ServerHttp2Stream, upstream: ClientHttp2Stream): void {
  let trailers = {}
  stream.pipe(upstream)
  upstream.on('response', (headers, flags) => {
    const isOver = (flags & 1) !== 0 // END_STREAM: a response of trailers alone
    stream.respond(headers, isOver ? { endStream: true } : { waitForTrailers: true })
    if (!isOver) upstream.pipe(stream)
  })
  upstream.on('trailers', (received) => {
    trailers = received
  })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers))
  stream.on('close', () => upstream.close())
  stream.on('error', () => {})
  upstream.on('error', () => stream.close())
}

async function answerPermissions(stream: ServerHttp2Stream, denied: ReadonlySet<string>): Promise<void> {
  const asked = Buffer.concat(await stream.toArray())
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.end(permissionsResponse(grantedOf(asked, denied)))
}

async function restPermissions(incoming: IncomingMessage, response: ServerResponse, denied: ReadonlySet<string>) {
  const body = await text(incoming)
  const asked: string[] = body
    ? JSON.parse(body).permissions
    : new URL(incoming.url!, 'https://x').searchParams.getAll('permissions')
  json(response, 200, { permissions: asked.filter((permission) => !denied.has(permission)) })
}

async function answer(incoming: IncomingMessage, response: ServerResponse, by: Answers[string]): Promise<void> {
  const { status, body } = by(`${incoming.method} ${incoming.url}`, await text(incoming))
  json(response, status, body)
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function relay(incoming: IncomingMessage, response: ServerResponse, { host, port }: { host: string; port: number }) {
  const { method, url: path, headers } = incoming
  const upstream = request({ host, port, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
  })
  upstream.on('error', () => response.destroy())
  incoming.pipe(upstream)
}
