import './sdk.ts'
import { type Coder, globalRegistry } from 'apache-beam/coders/coders'
import { KVCoder, StrUtf8Coder } from 'apache-beam/coders/standard_coders'
import type { KV } from 'apache-beam/values'
import { type Decoded, decode } from '../transforms/decode.ts'
import type { Message } from '../transforms/message.ts'

/** Strings alone cross a shuffle: the SDK's default coder corrupts integers beyond 2^31 and bytes. */
export const keyedText: Coder<KV<string, string>> = new KVCoder(new StrUtf8Coder(), new StrUtf8Coder())

export const text: Coder<string> = new StrUtf8Coder()

type Writer = Parameters<StrUtf8Coder['encode']>[1]
type Reader = Parameters<StrUtf8Coder['decode']>[0]
type Context = Parameters<StrUtf8Coder['decode']>[1]

/** A message as JSON, its data in base64. */
export const messageToText = (message: Message): string =>
  JSON.stringify({ ...message, data: Buffer.from(message.data).toString('base64') })

export function messageFromText(json: string): Message {
  const message = JSON.parse(json) as Omit<Message, 'data'> & { data: string }
  return { ...message, data: Buffer.from(message.data, 'base64') }
}

/** As text. */
export class MessageCoder implements Coder<Message> {
  static readonly URN = 'sluice:coder:message:v1'
  readonly #text = new StrUtf8Coder()

  encode(message: Message, writer: Writer, context: Context): void {
    this.#text.encode(messageToText(message), writer, context)
  }

  decode(reader: Reader, context: Context): Message {
    return messageFromText(this.#text.decode(reader, context))
  }

  toProto() {
    return { spec: { urn: MessageCoder.URN, payload: new Uint8Array() }, componentCoderIds: [] }
  }
}

export interface Received {
  readonly message: Message
  readonly decoded: Decoded
}

/** What was decoded follows from the message, so only the message is encoded. */
export class ReceivedCoder implements Coder<Received> {
  static readonly URN = 'sluice:coder:received:v1'
  readonly #message = new MessageCoder()

  encode({ message }: Received, writer: Writer, context: Context): void {
    this.#message.encode(message, writer, context)
  }

  decode(reader: Reader, context: Context): Received {
    const message = this.#message.decode(reader, context)
    return { message, decoded: decode(message) }
  }

  toProto() {
    return { spec: { urn: ReceivedCoder.URN, payload: new Uint8Array() }, componentCoderIds: [] }
  }
}

globalRegistry().register(MessageCoder.URN, MessageCoder)
globalRegistry().register(ReceivedCoder.URN, ReceivedCoder)
