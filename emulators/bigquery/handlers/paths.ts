import type { FastifyRequest } from 'fastify'
import { unimplemented } from '../../shared/index.ts'
import type { DatasetReference } from '../model/dataset.ts'
import type { TableReference } from '../model/schema.ts'

/** The parameters of a route, already cut out of its path. */
export const project = (request: FastifyRequest): string => (request.params as { projectId: string }).projectId

export function dataset(request: FastifyRequest): DatasetReference {
  const { projectId, datasetId } = request.params as DatasetReference
  return { projectId, datasetId }
}

export function table(request: FastifyRequest): TableReference {
  const { projectId, datasetId, tableId } = request.params as TableReference
  if (/[$@]/.test(tableId)) throw unimplemented(`the table decorator in ${tableId}`)
  return { projectId, datasetId, tableId }
}

export const ifMatch = (request: FastifyRequest): string | undefined => request.headers['if-match']

/** Java cannot send PATCH: its clients send POST, and the true method in a header. */
export const verbs = (method: 'patch' | 'update') => (method === 'patch' ? ['PATCH', 'POST'] : ['PUT'])

export async function checkOverride(request: FastifyRequest): Promise<void> {
  const meant = request.headers['x-http-method-override']
  if (request.method === 'POST' && meant !== 'PATCH') throw unimplemented(`POST ${request.url.split('?')[0]}`)
}
