import type { FastifyInstance } from 'fastify'
import { page } from '../../shared/index.ts'
import { readDatasetChange, readNewDataset, renderDataset, renderListedDataset } from '../wire/dataset.ts'
import { Fields } from '../wire/fields.ts'
import type { Context } from './context.ts'
import { checkOverride, dataset, ifMatch, project, verbs } from './paths.ts'

/** cloud.google.com/bigquery/docs/reference/rest/v2/datasets */
export function datasetRoutes(app: FastifyInstance, { catalog }: Context): void {
  app.post('/projects/:projectId/datasets', async (request) => {
    Fields.ofQuery(request.query, 'datasets.insert').end()
    return renderDataset(await catalog.createDataset(readNewDataset(project(request), request.body)))
  })

  app.get('/projects/:projectId/datasets', async (request) => {
    const query = Fields.ofQuery(request.query, 'datasets.list')
    query.skip('all') // hidden datasets: there are none
    const asked = { pageSize: query.integer('maxResults') ?? 0, pageToken: query.text('pageToken') ?? '' }
    query.end()
    const { items, nextPageToken } = page(catalog.datasets(project(request)), (d) => d.reference.datasetId, asked)
    return {
      kind: 'bigquery#datasetList',
      ...(items.length > 0 && { datasets: items.map(renderListedDataset) }),
      ...(nextPageToken && { nextPageToken }),
    }
  })

  app.get('/projects/:projectId/datasets/:datasetId', async (request) => {
    const query = Fields.ofQuery(request.query, 'datasets.get')
    query.skip('datasetView', 'accessPolicyVersion')
    query.end()
    return renderDataset(catalog.dataset(dataset(request)))
  })

  for (const method of ['patch', 'update'] as const) {
    app.route({
      method: verbs(method),
      url: '/projects/:projectId/datasets/:datasetId',
      preHandler: checkOverride,
      handler: async (request) => {
        const reference = dataset(request)
        const settings = readDatasetChange(catalog.dataset(reference), request.body, method)
        return renderDataset(catalog.updateDataset(reference, settings, ifMatch(request)))
      },
    })
  }

  app.delete('/projects/:projectId/datasets/:datasetId', async (request, reply) => {
    const query = Fields.ofQuery(request.query, 'datasets.delete')
    const deleteContents = query.flag('deleteContents') ?? false
    query.end()
    await catalog.deleteDataset(dataset(request), { deleteContents })
    return reply.code(204).send()
  })
}
