import { ServiceError } from '../../shared/index.ts'

/** What the caller requires of the object or bucket as it is (cloud.google.com/storage/docs/request-preconditions). */
export interface Preconditions {
  /** 0 means that there must be no live object. */
  readonly generationMatch?: number
  /** 0 means that there must be a live object. */
  readonly generationNotMatch?: number
  readonly metagenerationMatch?: number
  readonly metagenerationNotMatch?: number
}

interface Versioned {
  readonly generation?: number
  readonly metageneration: number
}

/** For a change: whatever does not hold is a 412. Nothing there counts as generation 0. */
export function checkWrite(required: Preconditions, current: Versioned | undefined): void {
  const { matches, differs } = compare(required, current)
  if (!matches || !differs) throw conditionNotMet()
}

/** For a read: a required difference that does not hold is a 304, since the caller already has what it asks for. */
export function checkRead(required: Preconditions, current: Versioned): void {
  const { matches, differs } = compare(required, current)
  if (!matches) throw conditionNotMet()
  if (!differs) throw new ServiceError('FAILED_PRECONDITION', 'Not Modified', { http: 304, reason: 'notModified' })
}

function compare(required: Preconditions, current: Versioned | undefined) {
  const { generation = 0, metageneration = 0 } = current ?? {}
  const agrees = (wanted: number | undefined, actual: number) => wanted === undefined || wanted === actual
  const differs = (unwanted: number | undefined, actual: number) => unwanted === undefined || unwanted !== actual
  return {
    matches: agrees(required.generationMatch, generation) && agrees(required.metagenerationMatch, metageneration),
    differs:
      differs(required.generationNotMatch, generation) && differs(required.metagenerationNotMatch, metageneration),
  }
}

const conditionNotMet = () =>
  new ServiceError('FAILED_PRECONDITION', 'At least one of the pre-conditions you specified did not hold.', {
    http: 412,
    reason: 'conditionNotMet',
    location: { type: 'header', name: 'If-Match' },
  })
