import '../beam/sdk.ts'
import { createRunner, impulse, Root } from 'apache-beam'
import { Pipeline } from 'apache-beam/internal/pipeline'
import '../beam/quiet.ts'
import { bundleMessages } from '../beam/bundle-source.ts'
import { MessageCoder } from '../beam/coders.ts'
import { parDo } from '../beam/par-do.ts'
import { inBundle, type Services } from '../bundle.ts'
import { graph } from '../graph.ts'
import type { TimeBounds } from '../transforms/time-bounds.ts'

/** Runs the graph once for each bundle, on Beam's direct runner. Bundles may run side by side. */
export function graphRunner(bounds: TimeBounds = {}): (bundle: Services) => Promise<void> {
  const pipeline = new Pipeline()
  graph(new Root(pipeline).apply(impulse()).apply(parDo(bundleMessages, new MessageCoder())), { bounds })
  const proto = pipeline.getProto()
  const runner = createRunner({ runner: 'direct' })
  return (bundle) =>
    inBundle(bundle, async () => {
      await runner.runPipeline(proto)
    })
}
