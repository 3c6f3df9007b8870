import { z } from 'zod'
import { unimplemented } from '../../shared/index.ts'
import type { Checksums } from '../checksums.ts'
import type { ObjectSettings, StoredObject } from '../model/object.ts'
import { type Json, mergeMap, parse, refuseOthers, text, textMap } from './body.ts'
import { defined } from './parameters.ts'

const settable = z.object({
  contentType: text,
  contentEncoding: text,
  contentDisposition: text,
  contentLanguage: text,
  cacheControl: text,
  storageClass: text,
  customTime: text,
  metadata: textMap,
})
const identity = z.object({ name: text, md5Hash: text, crc32c: text })

const SETTABLE = Object.keys(settable.shape)
/** The service sets these itself, and ignores them in requests. */
const OUTPUT_ONLY =
  'kind id selfLink mediaLink name bucket generation metageneration size md5Hash crc32c etag componentCount owner ' +
  'timeCreated updated timeFinalized timeDeleted timeStorageClassUpdated'
const KNOWN = [...SETTABLE, ...OUTPUT_ONLY.split(' ')]

/** The settings that a whole resource gives (insert, update, copy, compose). */
export function objectSettings(body: Json): ObjectSettings {
  refuseOthers('objects', body, KNOWN)
  const { metadata, ...plain } = parse(settable, body)
  return defined({ ...plain, metadata: mergeMap(undefined, metadata) })
}

/** The settings after a patch. */
export function patchedSettings(body: Json): (before: ObjectSettings) => ObjectSettings {
  refuseOthers('objects', body, KNOWN)
  const patch = parse(settable, body)
  return (before) => {
    keepsStorageClass(before, patch.storageClass ?? before.storageClass)
    const { metadata, ...plain } = patch
    const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== undefined))
    return defined({ ...before, ...given, metadata: mergeMap(before.metadata, metadata) })
  }
}

/** The settings after an update, which clears what it does not name. */
export function updatedSettings(body: Json): (before: ObjectSettings) => ObjectSettings {
  const after = objectSettings(body)
  return (before) => {
    keepsStorageClass(before, after.storageClass ?? before.storageClass)
    return { ...after, ...defined({ storageClass: before.storageClass }) }
  }
}

function keepsStorageClass(before: ObjectSettings, storageClass: string | undefined): void {
  if (storageClass !== before.storageClass) {
    throw unimplemented('a change of storageClass by objects.patch or objects.update (use objects.rewrite)')
  }
}

/** Whether a request's resource says anything about the object itself. */
export const hasSettings = (body: Json) => SETTABLE.some((field) => body[field] !== undefined)

/** The name and the checksums that an upload's resource gives. */
export function objectIdentity(body: Json): { name?: string } & Partial<Checksums> {
  return defined(parse(identity, body))
}

/** The resource of an object (cloud.google.com/storage/docs/json_api/v1/objects#resource). */
export function objectResource(object: StoredObject, base: string) {
  const { bucket, name, generation, metageneration, settings } = object
  const path = `b/${bucket}/o/${encodeURIComponent(name)}`
  const created = new Date(object.timeCreated).toISOString()
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${base}/storage/v1/${path}`,
    mediaLink: `${base}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation: String(generation),
    metageneration: String(metageneration),
    ...settings,
    size: String(object.size),
    ...defined({ md5Hash: object.md5Hash, componentCount: object.componentCount }),
    crc32c: object.crc32c,
    etag: objectEtag(object),
    timeCreated: created,
    updated: new Date(object.updated).toISOString(),
    timeStorageClassUpdated: created,
    timeFinalized: created,
  }
}

/** The service's own form: a protobuf of the generation (1) and the metageneration (2), in base64. */
export const objectEtag = ({ generation, metageneration }: StoredObject) =>
  Buffer.from([0x08, ...varint(generation), 0x10, ...varint(metageneration)]).toString('base64')

export function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))]
}
