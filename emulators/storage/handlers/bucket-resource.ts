import { z } from 'zod'
import { invalidArgument } from '../../shared/index.ts'
import { crc32c } from '../checksums.ts'
import type { BucketRecord, BucketSettings } from '../model/bucket.ts'
import { type Json, mergeMap, parse, refuseOthers, text, textMap } from './body.ts'
import { lifecycleResource, lifecycleRules, lifecycleShape } from './lifecycle.ts'
import { varint } from './object-resource.ts'
import { defined } from './parameters.ts'

const access = z
  .object({
    uniformBucketLevelAccess: z.object({ enabled: z.boolean().nullish() }).nullish(),
    publicAccessPrevention: z.enum(['inherited', 'unspecified', 'enforced']).nullish(),
  })
  .nullish()
const settable = z.object({
  location: text,
  storageClass: text,
  labels: textMap,
  iamConfiguration: access,
  lifecycle: lifecycleShape,
})

const OUTPUT_ONLY =
  'kind id selfLink name projectNumber metageneration etag timeCreated updated locationType owner satisfiesPZS ' +
  'satisfiesPZI generation'
/** `rpo` has one value outside of dual regions, which this emulator does not tell apart. */
const KNOWN = [...Object.keys(settable.shape), ...OUTPUT_ONLY.split(' ')]

export const bucketName = (body: Json) => parse(z.object({ name: text }), body).name ?? undefined

/** The settings of a new bucket. */
export const newBucketSettings = (body: Json) => changed({ location: 'US', storageClass: 'STANDARD' }, body)

export const patchedBucket = (body: Json) => (before: BucketSettings) => {
  const after = changed(before, body)
  if (after.location !== before.location) throw invalidArgument('The location of a bucket cannot be changed.')
  return after
}

/** An update clears what it does not name, except for the location. */
export const updatedBucket = (body: Json) => (before: BucketSettings) =>
  patchedBucket(body)({ location: before.location, storageClass: 'STANDARD' })

function changed(before: BucketSettings, body: Json): BucketSettings {
  const { rpo, ...rest } = body
  refuseOthers('buckets', rpo === 'DEFAULT' ? rest : body, KNOWN)
  const { location, storageClass, labels, iamConfiguration, lifecycle } = parse(settable, body)
  return {
    location: location?.toUpperCase() ?? before.location,
    storageClass: storageClass ?? before.storageClass,
    ...defined({
      labels: mergeMap(before.labels, labels),
      uniformBucketLevelAccess: iamConfiguration?.uniformBucketLevelAccess?.enabled ?? before.uniformBucketLevelAccess,
      publicAccessPrevention: iamConfiguration?.publicAccessPrevention ?? before.publicAccessPrevention,
      lifecycle: lifecycle === undefined ? before.lifecycle : lifecycleRules(lifecycle),
    }),
  }
}

/** The resource of a bucket (cloud.google.com/storage/docs/json_api/v1/buckets#resource). */
export function bucketResource({ settings, ...bucket }: BucketRecord, base: string) {
  const uniform = { enabled: settings.uniformBucketLevelAccess ?? false }
  return {
    kind: 'storage#bucket',
    id: bucket.name,
    selfLink: `${base}/storage/v1/b/${bucket.name}`,
    projectNumber: projectNumber(bucket.project),
    name: bucket.name,
    timeCreated: new Date(bucket.timeCreated).toISOString(),
    updated: new Date(bucket.updated).toISOString(),
    metageneration: String(bucket.metageneration),
    iamConfiguration: {
      bucketPolicyOnly: uniform,
      uniformBucketLevelAccess: uniform,
      publicAccessPrevention: settings.publicAccessPrevention ?? 'inherited',
    },
    softDeletePolicy: { retentionDurationSeconds: '0' },
    location: settings.location,
    locationType: locationType(settings.location),
    storageClass: settings.storageClass,
    ...defined({ labels: settings.labels }),
    ...(settings.lifecycle && { lifecycle: lifecycleResource(settings.lifecycle) }),
    etag: Buffer.from([0x08, ...varint(bucket.metageneration)]).toString('base64'),
  }
}

export function locationType(location: string): string {
  if (['US', 'EU', 'ASIA'].includes(location)) return 'multi-region'
  return /^(NAM4|EUR[4-8]|ASIA1)$/.test(location) ? 'dual-region' : 'region'
}

/** A project has a number of twelve digits: the same one each time. */
const projectNumber = (project: string) => String(100_000_000_000 + crc32c(Buffer.from(project)))
