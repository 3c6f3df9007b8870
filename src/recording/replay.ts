import type { Topic } from '@google-cloud/pubsub'
import type { Renaming } from './canonical.ts'
import type { Fixture } from './fixture.ts'

/** Publishes a fixture's messages in order, and tells what each is called now. */
export async function publishFixture(
  topic: Topic,
  { messages }: Pick<Fixture, 'messages'>,
  onPublished: (messageId: string) => void = () => {},
): Promise<Renaming> {
  const pairs = await Promise.all(
    messages.map(async ({ data, attributes, messageId: recorded }) => {
      const messageId = await topic.publishMessage({ data, attributes })
      onPublished(messageId)
      return [messageId, recorded] as const
    }),
  )
  return new Map(pairs)
}
