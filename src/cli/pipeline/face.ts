import fastify from 'fastify'
import type { PipelineMetrics } from '../../../pipeline/index.ts'

/** Whether the pipeline takes messages from its subscription. */
export type SourceState = 'opening' | 'open' | 'closing'

export interface Face extends AsyncDisposable {
  readonly url: string
  say(state: SourceState): void
}

export interface FaceOptions {
  readonly host: string
  readonly port: number
  /** Absent: there is nothing to count in this process. */
  readonly registry?: PipelineMetrics['registry']
}

/**
 * What the pipeline shows over HTTP. GET /health answers 200 while the source is open: the subscription was there at the
 * start, no error has ended the stream, and this process still answers. It does not prove that Pub/Sub or a sink answers
 * now: the pipeline waits for those, and starting it anew would mend nothing. Before and after, it answers 503.
 * GET /metrics is for Prometheus.
 */
export async function startFace({ host, port, registry }: FaceOptions): Promise<Face> {
  let source: SourceState = 'opening'
  const app = fastify()
  app.get('/health', (_request, reply) =>
    reply.code(source === 'open' ? 200 : 503).send({ status: source === 'open' ? 'ok' : 'unavailable', source }),
  )
  if (registry)
    app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  const url = await app.listen({ host, port })
  return {
    url,
    say: (state) => {
      source = state
    },
    [Symbol.asyncDispose]: () => app.close(),
  }
}
