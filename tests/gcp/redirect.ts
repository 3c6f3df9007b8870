/**
 * For `node --import`: in this process, whatever goes to port 443 of a host of googleapis.com goes to a port of this
 * machine instead, with the name that it asked for. Any other connection, to this machine too, ends the process.
 */
import dns from 'node:dns'
import net from 'node:net'
import '../offline/process.ts'

const port = Number(process.env.SLUICE_TEST_GOOGLE_PORT)
const isGoogle = (host: unknown) => typeof host === 'string' && host.endsWith('.googleapis.com')

const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function (this: net.Socket, ...args: Parameters<typeof connect>) {
  // Node hands on arguments that it has normalised, and gRPC an address that it looked up below.
  const options = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (options.port !== 443 || !(isGoogle(options.host) || options.host === '127.0.0.1')) {
    console.error(`Something did not go to Google Cloud, but to ${options.host}:${options.port}.`)
    process.exit(86)
  }
  Object.assign(options, { host: '127.0.0.1', port, lookup: undefined })
  return Reflect.apply(connect, this, args)
} as typeof connect

const { lookup, resolveTxt } = dns.promises
const found = (host: string, options?: object) =>
  isGoogle(host) ? Promise.resolve([{ address: '127.0.0.1', family: 4 }]) : lookup(host, options!)
const text = (host: string) => (isGoogle(host) ? Promise.reject(new Error('none')) : resolveTxt(host))
Object.assign(dns.promises, { lookup: found, resolveTxt: text })
