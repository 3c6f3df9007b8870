import type { FastifyInstance } from 'fastify'
import { page } from '../../shared/index.ts'
import { Fields } from '../wire/fields.ts'
import { readNewTable, readTableChange, renderListedTable, renderTable } from '../wire/table.ts'
import type { Context } from './context.ts'
import { checkOverride, dataset, ifMatch, table, verbs } from './paths.ts'

/** cloud.google.com/bigquery/docs/reference/rest/v2/tables */
export function tableRoutes(app: FastifyInstance, { catalog, tables }: Context): void {
  const render = (reference: ReturnType<typeof table>) =>
    renderTable(tables.get(reference), catalog.dataset(reference).location)

  app.post('/projects/:projectId/datasets/:datasetId/tables', async (request) => {
    Fields.ofQuery(request.query, 'tables.insert').end()
    const definition = readNewTable(dataset(request), request.body)
    await tables.create(definition)
    return render(definition.reference)
  })

  app.get('/projects/:projectId/datasets/:datasetId/tables', async (request) => {
    const query = Fields.ofQuery(request.query, 'tables.list')
    const asked = { pageSize: query.integer('maxResults') ?? 0, pageToken: query.text('pageToken') ?? '' }
    query.end()
    const byName = [...catalog.dataset(dataset(request)).tables].sort(([a], [b]) => (a < b ? -1 : 1))
    const { items, nextPageToken } = page(byName, ([name]) => name, asked)
    return {
      kind: 'bigquery#tableList',
      ...(items.length > 0 && { tables: items.map(([, item]) => renderListedTable(item)) }),
      ...(nextPageToken && { nextPageToken }),
      totalItems: byName.length,
    }
  })

  app.get('/projects/:projectId/datasets/:datasetId/tables/:tableId', async (request) => {
    const query = Fields.ofQuery(request.query, 'tables.get')
    query.skip('view') // which statistics to give: all are at hand
    query.end()
    return render(table(request))
  })

  for (const method of ['patch', 'update'] as const) {
    app.route({
      method: verbs(method),
      url: '/projects/:projectId/datasets/:datasetId/tables/:tableId',
      preHandler: checkOverride,
      handler: async (request) => {
        const query = Fields.ofQuery(request.query, `tables.${method}`)
        query.end()
        const reference = table(request)
        await tables.update(reference, readTableChange(tables.get(reference), request.body, method), ifMatch(request))
        return render(reference)
      },
    })
  }

  app.delete('/projects/:projectId/datasets/:datasetId/tables/:tableId', async (request, reply) => {
    await tables.delete(table(request))
    return reply.code(204).send()
  })
}
