/** Keeps a process on this machine: every connection and every look-up that would leave it is refused and remembered. */
import dns from 'node:dns'
import net from 'node:net'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Something tried to leave this machine. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
  readonly host: string
  /** `src/producer.ts:12:5`, the first place on the way that is neither Node's nor a package's; absent: none is known. */
  readonly from?: string
  /** The test that ran then. */
  readonly test?: string

  /** `below`: whom the stack does not show, nor whom that one has called. */
  constructor(host: string, { test, below }: { readonly test?: string | undefined; readonly below?: Below }) {
    super()
    if (below) Error.captureStackTrace(this, below)
    const from = callerIn(this.stack ?? '')
    this.host = host
    if (from !== undefined) this.from = from
    if (test !== undefined) this.test = test
    const [place, during] = [from && `from ${from}`, test && `in the test "${test}"`]
    this.message = `Something tried to leave this machine: ${[host, place, during].filter(Boolean).join(', ')}.`
    this.stack = this.stack?.replace(/^\w*Error:?/, () => `${this.name}: ${this.message}`)
  }
}

type Below = (...args: never[]) => unknown

export interface OfflineOptions {
  /** Other machines that may be reached all the same, as they are asked for: names, or addresses. */
  readonly allow?: readonly string[]
  /** Names the test that runs, for the complaint. */
  readonly test?: () => string | undefined
  /** Told of each attempt. */
  readonly onAttempt?: (attempt: OfflineError) => void
}

/**
 * From now on whoever connects to another machine, or looks one up, gets an OfflineError; disposing of it lets the process
 * leave again. TCP alone, and this process alone: UDP goes its way, and so do processes that it starts.
 */
export function stayOffline(options: OfflineOptions = {}): Disposable {
  const { guards } = installed()
  guards.add(options)
  return { [Symbol.dispose]: () => void guards.delete(options) }
}

/** What was tried since this was asked last, and is forgiven: for a test that means to see its code refused. */
export const takeAttempts = (): OfflineError[] => installed().attempts.splice(0)

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3})$/

interface Installed {
  readonly guards: Set<OfflineOptions>
  readonly attempts: OfflineError[]
}

const INSTALLED = Symbol.for('sluice.testing.offline')

/** Node is patched once for a process, in which each test file may load a copy of this module. */
function installed(): Installed {
  const found = Reflect.get(globalThis, INSTALLED) as Installed | undefined
  if (found) return found
  const here: Installed = { guards: new Set(), attempts: [] }
  Reflect.set(globalThis, INSTALLED, here)
  patch((host, below) => offence(here, host, below))
  return here
}

function offence({ guards, attempts }: Installed, host: string, below?: Below): OfflineError | undefined {
  if (LOOPBACK.test(host)) return undefined
  const refusing = [...guards].filter(({ allow = [] }) => !allow.includes(host))
  if (refusing.length === 0) return undefined
  const test = refusing.map((guard) => guard.test?.()).find((name) => name !== undefined)
  const attempt = withWholeStack(() => new OfflineError(host, { test, ...(below && { below }) }))
  attempts.push(attempt)
  for (const { onAttempt } of refusing) onAttempt?.(attempt)
  return attempt
}

function patch(offenceOf: (host: string, below?: Below) => OfflineError | undefined): void {
  const check = (host: string | undefined, below: Below) => {
    const error = host === undefined ? undefined : offenceOf(host, below)
    if (error) throw error
  }
  inFrontOf(net.Socket.prototype, 'connect', (args, patched) => {
    const target = targetOf(args)
    if (target.lookup === undefined) check(target.host, patched)
    else target.lookup = judged(target.lookup, offenceOf)
  })
  for (const look of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveTxt', 'resolveSrv'] as const) {
    inFrontOf(dns, look, ([host], patched) => check(String(host), patched))
    inFrontOf(dns.promises, look, ([host], patched) => check(String(host), patched))
  }
}

type Target = Pick<net.TcpSocketConnectOpts, 'lookup'> & { host?: string }

/** What net.Socket.connect() was asked for; a path, which is a socket on this machine, has no host. */
function targetOf(args: readonly unknown[]): Target {
  // Node hands on arguments that it has normalised: an array in the first place.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first !== 'object' || first === null) return { host: typeof second === 'string' ? second : 'localhost' }
  const options = first as Target & { path?: string }
  if (options.path) return {}
  options.host ??= 'localhost'
  return options
}

/** Who brings a look-up of its own, as a mock of the network does, is judged by the address that it finds. */
const judged =
  (lookup: net.LookupFunction, offence: (host: string) => Error | undefined): net.LookupFunction =>
  (host, options, callback) =>
    lookup(host, options, (error, found, family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found]
      const refused = error ?? addresses.map((address) => offence(address)).find((one) => one !== undefined)
      callback(refused ?? null, found, family)
    })

/** Puts `before` in front of a method. */
function inFrontOf(target: object, name: string, before: (args: readonly unknown[], patched: Below) => void): void {
  const original = Reflect.get(target, name)
  Reflect.set(target, name, function patched(this: unknown, ...args: unknown[]) {
    before(args, patched)
    return Reflect.apply(original, this, args)
  })
}

/** fetch alone is 26 calls deep when it connects, and an error keeps 10. */
function withWholeStack<Made>(make: () => Made): Made {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 200
  try {
    return make()
  } finally {
    Error.stackTraceLimit = limit
  }
}

const FRAME = /^\s+at (?:.*\()?((?:file:\/\/)?\/[^()]+|[A-Z]:\\[^()]+):(\d+):(\d+)\)?$/

/** In a user's project the kit is a package like others. */
const isKit = (file: string) => dirname(file) === import.meta.dirname && !file.includes('.test.')

function callerIn(stack: string): string | undefined {
  for (const line of stack.split('\n')) {
    const [, place = '', row, column] = FRAME.exec(line) ?? []
    const file = place.startsWith('file:') ? fileURLToPath(place) : place
    if (file === '' || /[\\/]node_modules[\\/]/.test(file) || isKit(file)) continue
    return `${relative(process.cwd(), file)}:${row}:${column}`
  }
  return undefined
}
