/**
 * Lets gRPC connect while msw listens. msw gives each new socket a stand-in until it knows what is said over it, takes the
 * first word of HTTP/2 for a method of HTTP, and keeps the stand-in, of which Node's HTTP/2 can make nothing: no client of
 * Pub/Sub, and no pipeline, would get an answer. So gRPC's sockets connect as they did when this was loaded, which has to be
 * before msw listens.
 */
import net from 'node:net'

const connectAny = net.connect
const connectSocket = net.Socket.prototype.connect

const GRPC = /[\\/]@grpc[\\/]grpc-js[\\/]/

/** net.connect(), which grpc-js calls with options and a callback. */
function connect(...args: Parameters<typeof net.connect>): net.Socket {
  const [options] = args as unknown[]
  const isGrpc = typeof options === 'object' && GRPC.test(new Error().stack ?? '')
  if (!isGrpc) return Reflect.apply(connectAny, net, args)
  return Reflect.apply(connectSocket, new net.Socket(options as net.SocketConstructorOpts), args)
}

net.connect = connect as typeof net.connect
