import './sdk.ts'
import { type ClientOptions, credentials } from '@grpc/grpc-js'
import { BeamFnDataClient } from 'apache-beam/proto/beam_fn_api.grpc-client'

/**
 * A worker's data arrives in messages of any size, since one element may be of any size, but the SDK leaves gRPC's limit of
 * 4 MB in place, beyond which the stream breaks.
 */
const UNLIMITED: ClientOptions = { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 }

const { data } = BeamFnDataClient.prototype

BeamFnDataClient.prototype.data = function (this: BeamFnDataClient, ...args: Parameters<typeof data>) {
  const target = this.getChannel().getTarget()
  return data.apply(new BeamFnDataClient(target, credentials.createInsecure(), UNLIMITED), args)
} as typeof data
