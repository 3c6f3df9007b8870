/**
 * Fails the run when anything tries to leave this machine: every test file, and every Node process that a test starts
 * with `--import`, loads this first.
 */
import dns from 'node:dns'
import net from 'node:net'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|::ffff:127(\.\d{1,3}){3})$/

function refuse(target: string): never {
  const error = new Error(`A test tried to leave this machine: ${target}`)
  console.error(error.stack)
  process.exitCode = 1
  throw error
}

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
  // Node passes on its own normalised arguments: an array that holds the options.
  const first = Array.isArray(args[0]) ? args[0][0] : args[0]
  const host =
    typeof first === 'object' && first !== null
      ? 'path' in first && first.path
        ? undefined
        : ((first as net.TcpNetConnectOpts).host ?? 'localhost')
      : typeof args[1] === 'string'
        ? args[1]
        : 'localhost'
  if (host !== undefined && !LOOPBACK.test(host)) refuse(host)
  return Reflect.apply(connect, this, args)
} as typeof connect

const lookup = dns.lookup
dns.lookup = ((...args: Parameters<typeof dns.lookup>) => {
  if (!LOOPBACK.test(args[0])) refuse(`a look-up of ${args[0]}`)
  return Reflect.apply(lookup, dns, args)
}) as typeof dns.lookup
