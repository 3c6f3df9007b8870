import './sdk.ts'
import { type ClientOptions, credentials, type ServiceError } from '@grpc/grpc-js'
import { BeamFnDataClient } from 'apache-beam/proto/beam_fn_api.grpc-client'

/** An element may be of any size, but the SDK leaves gRPC's limit of 4 MB in place, beyond which the stream breaks. */
const UNLIMITED: ClientOptions = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

const { data } = BeamFnDataClient.prototype

/**
 * Lets a worker's data come in messages of any size, and tells when its stream has broken. The SDK would only say so on the
 * console, and the bundle would wait for the rest of its data for ever.
 */
export function carryAnyData(onBroken: (error: ServiceError) => void): void {
  BeamFnDataClient.prototype.data = function (this: BeamFnDataClient, ...args: Parameters<typeof data>) {
    const roomy = new BeamFnDataClient(this.getChannel().getTarget(), credentials.createInsecure(), UNLIMITED)
    const stream = data.apply(roomy, args)
    stream.on('error', onBroken)
    return stream
  } as typeof data
}
