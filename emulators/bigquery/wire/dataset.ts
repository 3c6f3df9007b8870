import { invalidArgument } from '../../shared/index.ts'
import { datasetName, type NewDataset } from '../model/catalog.ts'
import type { Dataset, DatasetSettings } from '../model/dataset.ts'
import { Fields } from './fields.ts'
import { readLabels } from './labels.ts'

/** What the service fills in, and a client may send back unchanged. */
const OUTPUT_ONLY = [
  'kind',
  'id',
  'etag',
  'selfLink',
  'creationTime',
  'lastModifiedTime',
  'type',
  'satisfiesPzs',
  'satisfiesPzi',
]

export function readNewDataset(projectId: string, body: unknown): NewDataset {
  const fields = new Fields(body ?? {}, 'datasets.insert')
  fields.skip('projectId') // the Node.js client sends it next to the reference
  const reference = fields.object('datasetReference')
  if (!reference) throw invalidArgument('Required parameter is missing: datasetReference', { reason: 'required' })
  reference.skip('projectId')
  const datasetId = reference.needed('datasetId')
  const location = fields.text('location') || undefined
  return { reference: { projectId, datasetId }, location, settings: readSettings(fields) }
}

/** A patch leaves what it does not name; an update clears it. */
export function readDatasetChange(dataset: Dataset, body: unknown, method: 'patch' | 'update'): DatasetSettings {
  const fields = new Fields(body ?? {}, `datasets.${method}`)
  fields.skip('datasetReference')
  const location = fields.text('location')
  if (location && location.toUpperCase() !== dataset.location.toUpperCase()) {
    throw invalidArgument(`Cannot change the location of dataset ${datasetName(dataset.reference)}.`)
  }
  return readSettings(fields, method === 'patch' ? dataset.settings : undefined)
}

function readSettings(fields: Fields, patched?: DatasetSettings): DatasetSettings {
  fields.skip(...OUTPUT_ONLY)
  const text = (name: 'friendlyName' | 'description') => {
    const value = fields.text(name)
    return value === undefined ? patched?.[name] : (value ?? undefined)
  }
  const life = fields.integer('defaultTableExpirationMs')
  if (typeof life === 'number' && life !== 0 && life < 3_600_000) {
    throw invalidArgument('defaultTableExpirationMs must be at least 3600000 milliseconds (1 hour).')
  }
  const settings = {
    friendlyName: text('friendlyName'),
    description: text('description'),
    labels: readLabels(fields, patched?.labels),
    defaultTableExpirationMs: life === undefined ? patched?.defaultTableExpirationMs : life || undefined,
  }
  fields.end()
  return settings
}

const link = (dataset: Dataset) =>
  `/bigquery/v2/projects/${dataset.reference.projectId}/datasets/${dataset.reference.datasetId}`

export const renderDataset = (dataset: Dataset) => ({
  kind: 'bigquery#dataset',
  ...listed(dataset),
  etag: dataset.etag,
  selfLink: link(dataset),
  description: dataset.settings.description,
  ...(dataset.settings.defaultTableExpirationMs !== undefined && {
    defaultTableExpirationMs: String(dataset.settings.defaultTableExpirationMs),
  }),
  creationTime: String(dataset.creationTime),
  lastModifiedTime: String(dataset.lastModifiedTime),
  type: 'DEFAULT',
})

export const renderListedDataset = (dataset: Dataset) => ({ kind: 'bigquery#dataset', ...listed(dataset) })

const listed = ({ reference, location, settings }: Dataset) => ({
  id: datasetName(reference),
  datasetReference: reference,
  location,
  friendlyName: settings.friendlyName,
  labels: settings.labels,
})
