import type { BucketMetadata } from '@google-cloud/storage'
import { codeOf } from '../../resources.ts'
import type { Check, Finding, Group } from './check.ts'
import { HTTP } from './codes.ts'
import { type Patient, STORAGE } from './patient.ts'

export const bucket = (patient: Patient): Group => ({ title: 'Bucket', checks: [check(patient)] })

const check = ({ clients, settings }: Patient): Check => {
  const name = settings.resources.bucket
  return {
    name,
    needs: [STORAGE],
    async run() {
      try {
        const [live] = await clients.storage.bucket(name).getMetadata()
        return judged(live, name)
      } catch (thrown) {
        const code = codeOf(thrown)
        if (code === HTTP.NOT_FOUND) {
          return { status: 'fault', detail: 'is not there', mend: '`sluice provision` makes it.' }
        }
        if (code !== HTTP.FORBIDDEN) throw thrown
        const mend = 'roles/storage.legacyBucketReader on the bucket lets you; or it is somebody else’s.'
        return { status: 'fault', detail: 'is there, but not for you (storage.buckets.get)', mend }
      }
    },
  }
}

function judged(live: BucketMetadata, name: string): Finding {
  const isUniform = live.iamConfiguration?.uniformBucketLevelAccess?.enabled === true
  const settings = [
    ...[live.location, live.storageClass].filter((setting) => setting !== undefined),
    isUniform ? 'uniform access' : 'access object by object',
  ].join(', ')
  if (!isUniform) {
    const mend = `gcloud storage buckets update gs://${name} --uniform-bucket-level-access`
    return { status: 'fault', detail: settings, mend }
  }
  // The raw files tell the pipeline which events it has written: see docs/decisions/0003.
  const deletes = live.lifecycle?.rule?.find(({ action }) => action?.type === 'Delete')
  if (!deletes) return { status: 'well', detail: settings }
  const when = deletes.condition?.age === undefined ? '' : ` after ${deletes.condition.age} days`
  const detail = `${settings}; a lifecycle rule deletes files${when}: an event that comes again later is written again`
  return { status: 'note', detail }
}
