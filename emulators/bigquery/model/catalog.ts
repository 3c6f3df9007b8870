import type { Clock } from '../../../clock/index.ts'
import { alreadyExists, invalidArgument, notFound, ServiceError } from '../../shared/index.ts'
import type { Dataset, DatasetReference, DatasetSettings } from './dataset.ts'
import type { Store } from './store.ts'

export interface NewDataset {
  readonly reference: DatasetReference
  readonly location?: string
  readonly settings: DatasetSettings
}

/** All datasets, by project. Projects need no making: each sees only its own. */
export class Catalog {
  readonly #projects = new Map<string, Map<string, Dataset>>()
  readonly #store: Store
  readonly #clock: Clock
  #changes = 0

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** In order of their ids. */
  datasets(projectId: string): Dataset[] {
    const datasets = this.#projects.get(projectId)?.values() ?? []
    return [...datasets].sort((a, b) => (a.reference.datasetId < b.reference.datasetId ? -1 : 1))
  }

  find({ projectId, datasetId }: DatasetReference): Dataset | undefined {
    return this.#projects.get(projectId)?.get(datasetId)
  }

  dataset(reference: DatasetReference): Dataset {
    const dataset = this.find(reference)
    if (!dataset) throw notFound(`Not found: Dataset ${datasetName(reference)}`)
    return dataset
  }

  createDataset({ reference, location = 'US', settings }: NewDataset): Promise<Dataset> {
    const { projectId, datasetId } = reference
    if (!/^\w{1,1024}$/.test(datasetId)) {
      throw invalidArgument(
        `Invalid dataset ID "${datasetId}". Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.`,
      )
    }
    return this.#store.transaction(async (writer) => {
      if (this.find(reference)) {
        throw alreadyExists(`Already Exists: Dataset ${datasetName(reference)}`, { reason: 'duplicate' })
      }
      await writer.createDataset(reference)
      return () => {
        const now = this.#clock.now()
        const times = { creationTime: now, lastModifiedTime: now }
        const dataset = { reference, location, settings, ...times, etag: this.newEtag(), tables: new Map() }
        const project = this.#projects.get(projectId) ?? new Map()
        this.#projects.set(projectId, project.set(datasetId, dataset))
        return dataset
      }
    })
  }

  updateDataset(reference: DatasetReference, settings: DatasetSettings, ifMatch?: string): Dataset {
    const dataset = this.dataset(reference)
    checkEtag(dataset, ifMatch)
    dataset.settings = settings
    dataset.lastModifiedTime = this.#clock.now()
    dataset.etag = this.newEtag()
    return dataset
  }

  deleteDataset(reference: DatasetReference, { deleteContents }: { deleteContents: boolean }): Promise<void> {
    return this.#store.transaction(async (writer) => {
      const { tables } = this.dataset(reference)
      if (tables.size > 0 && !deleteContents) {
        throw invalidArgument(`Dataset ${datasetName(reference)} is still in use`, { reason: 'resourceInUse' })
      }
      await writer.dropDataset(reference)
      return () => {
        for (const table of tables.values()) table.cancelExpiration?.()
        this.#projects.get(reference.projectId)!.delete(reference.datasetId)
      }
    })
  }

  /** Stops the timers of what would expire. */
  close(): void {
    for (const datasets of this.#projects.values()) {
      for (const { tables } of datasets.values()) for (const table of tables.values()) table.cancelExpiration?.()
    }
  }

  /** Never the same one twice, so that a resource made again under its old name does not match an old etag. */
  newEtag(): string {
    this.#changes++
    return Buffer.from(`change ${this.#changes}`).toString('base64')
  }
}

/** `project:dataset`, as the service's messages name it. */
export const datasetName = ({ projectId, datasetId }: DatasetReference): string => `${projectId}:${datasetId}`

/** If-Match of a REST request (RFC 9110, 13.1.1). */
export function checkEtag(resource: { readonly etag: string }, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*' || ifMatch.replaceAll('"', '') === resource.etag) return
  throw new ServiceError('FAILED_PRECONDITION', 'Precondition check failed.', {
    http: 412,
    reason: 'conditionNotMet',
    location: { type: 'header', name: 'If-Match' },
  })
}
