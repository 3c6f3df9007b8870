import { codeOf } from '../../resources.ts'
import type { Check, Group } from './check.ts'
import { GRPC } from './codes.ts'
import { inSeconds } from './duration.ts'
import { ONCE, type Patient, PUBSUB } from './patient.ts'

export const topics = (patient: Patient): Group => ({
  title: 'Topics',
  checks: [patient.settings.resources.topic, patient.settings.resources.deadLetterTopic].map((name) =>
    topic(patient, name),
  ),
})

const topic = ({ clients }: Patient, name: string): Check => ({
  name,
  needs: [PUBSUB],
  async run() {
    try {
      const [{ messageRetentionDuration, schemaSettings, kmsKeyName }] = await clients.pubsub
        .topic(name)
        .getMetadata(ONCE)
      const settings = [
        ...(messageRetentionDuration ? [`keeps messages for ${inSeconds(messageRetentionDuration)} s`] : []),
        ...(kmsKeyName ? [`encrypted with ${kmsKeyName}`] : []),
      ]
      if (schemaSettings?.schema) {
        const refused = `Pub/Sub refuses what is not of the schema ${schemaSettings.schema}`
        return { status: 'note', detail: `${refused}: malformed events make no dead letters` }
      }
      return { status: 'well', detail: ['is there', ...settings].join(', ') }
    } catch (thrown) {
      if (codeOf(thrown) !== GRPC.NOT_FOUND) throw thrown
      return { status: 'fault', detail: 'is not there', mend: '`sluice provision` makes it.' }
    }
  },
})
