/**
 * Keeps a process on this machine: every connection and every look-up that would leave it is refused and remembered.
 * Test files load it through setup.ts, processes that a test starts through process.ts.
 */
import dns from 'node:dns'
import net from 'node:net'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\]|::ffff:127(\.\d{1,3}){3})$/

/** Installs the guard. `onAttempt` hears of each attempt, with the stack of whoever made it. */
export function stayOnThisMachine(onAttempt: (error: Error) => void): void {
  const check = (host: string | undefined) => {
    if (host === undefined || LOOPBACK.test(host)) return
    const error = new Error(`Something tried to leave this machine: ${host}`)
    onAttempt(error)
    throw error
  }
  guard(net.Socket.prototype, 'connect', (args) => check(hostOf(args)))
  for (const look of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveTxt', 'resolveSrv'] as const) {
    guard(dns, look, ([host]) => check(String(host)))
    guard(dns.promises, look, ([host]) => check(String(host)))
  }
}

/** The host that net.Socket.connect() was asked for; none for a path, which is a socket on this machine. */
function hostOf(args: readonly unknown[]): string | undefined {
  // Node hands on arguments that it has normalised: an array in the first place.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'object' && first !== null) {
    const { path, host } = first as { path?: string; host?: string }
    return path ? undefined : (host ?? 'localhost')
  }
  return typeof second === 'string' ? second : 'localhost'
}

/** Puts `before` in front of a method. */
function guard(target: object, name: string, before: (args: readonly unknown[]) => void): void {
  const original = Reflect.get(target, name)
  Reflect.set(target, name, function (this: unknown, ...args: unknown[]) {
    before(args)
    return Reflect.apply(original, this, args)
  })
}
