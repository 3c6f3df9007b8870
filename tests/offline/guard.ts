/**
 * Keeps a process on this machine: every connection and every look-up that would leave it is refused and remembered.
 * Test files load it through setup.ts, processes that a test starts through process.ts.
 */
import dns from 'node:dns'
import net from 'node:net'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3})$/

/** Installs the guard. `onAttempt` hears of each attempt, with the stack of whoever made it. */
export function stayOnThisMachine(onAttempt: (error: Error) => void): void {
  const offence = (host: string | undefined) => {
    if (host === undefined || LOOPBACK.test(host)) return undefined
    const error = new Error(`Something tried to leave this machine: ${host}`)
    onAttempt(error)
    return error
  }
  const check = (host: string | undefined) => {
    const error = offence(host)
    if (error) throw error
  }
  guard(net.Socket.prototype, 'connect', (args) => {
    const target = targetOf(args)
    if (target.lookup === undefined) check(target.host)
    else target.lookup = judged(target.lookup, offence)
  })
  for (const look of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveTxt', 'resolveSrv'] as const) {
    guard(dns, look, ([host]) => check(String(host)))
    guard(dns.promises, look, ([host]) => check(String(host)))
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
      const refused = error ?? addresses.map(offence).find((one) => one !== undefined)
      callback(refused ?? null, found, family)
    })

/** Puts `before` in front of a method. */
function guard(target: object, name: string, before: (args: readonly unknown[]) => void): void {
  const original = Reflect.get(target, name)
  Reflect.set(target, name, function (this: unknown, ...args: unknown[]) {
    before(args)
    return Reflect.apply(original, this, args)
  })
}
