import type { Dataset } from '@google-cloud/bigquery'
import { expect } from 'vitest'
import type { Contract } from '../contract.ts'
import type { BigQueryBackend } from './backend.ts'

export const datasets = {
  async 'a dataset is shown with the labels and the location that it was made with'({
    bigquery,
    projectId,
    ...backend
  }) {
    const name = backend.datasetName()
    await bigquery.createDataset(name, { location: 'EU', labels: { team: 'shop' }, description: 'd' })
    const [shown] = await bigquery.dataset(name).getMetadata()
    expect(shown).toMatchObject({
      id: `${projectId}:${name}`,
      datasetReference: { projectId, datasetId: name },
      location: 'EU',
      labels: { team: 'shop' },
      description: 'd',
    })
  },

  async 'a dataset that exists cannot be made again: 409, duplicate'({ bigquery, ...backend }) {
    const { id } = await backend.dataset()
    await expect(bigquery.createDataset(id!)).rejects.toMatchObject({ code: 409, errors: [{ reason: 'duplicate' }] })
  },

  async 'a dataset that is not there is named: 404, notFound'({ bigquery, ...backend }) {
    const name = backend.datasetName()
    await expect(bigquery.dataset(name).getMetadata()).rejects.toMatchObject({
      code: 404,
      message: expect.stringContaining(name),
      errors: [{ reason: 'notFound' }],
    })
    expect(await bigquery.dataset(name).exists()).toEqual([false])
  },

  async 'another project has datasets of its own'({ bigquery, ...backend }) {
    const { id } = await backend.dataset()
    expect(await bigquery.dataset(id!, { projectId: 'another-project' }).exists()).toEqual([false])
  },

  async 'the datasets of a project are listed page by page'({ bigquery, ...backend }) {
    const made = await Promise.all([backend.dataset(), backend.dataset(), backend.dataset()])
    const listed: (string | undefined)[] = []
    for (let next: object | null = { maxResults: 1, autoPaginate: false }; next; ) {
      const [page, after]: [Dataset[], (object | null)?, ...unknown[]] = await bigquery.getDatasets(next)
      expect(page.length).toBeLessThanOrEqual(1)
      listed.push(...page.map(({ id }) => id))
      next = after ? { ...after, autoPaginate: false } : null
    }
    expect(listed).toEqual(expect.arrayContaining(made.map(({ id }) => id)))
    expect(new Set(listed).size).toBe(listed.length)
  },

  async 'a dataset with tables is deleted only with its contents: 400, resourceInUse'(backend) {
    const dataset = await backend.dataset()
    await backend.table([{ name: 'a', type: 'STRING' }], { dataset })
    await expect(dataset.delete()).rejects.toMatchObject({ code: 400, errors: [{ reason: 'resourceInUse' }] })
    await dataset.delete({ force: true })
    expect(await dataset.exists()).toEqual([false])
  },

  async 'a patch of a dataset leaves what it does not name'(backend) {
    const dataset = await backend.dataset({ labels: { team: 'shop' } })
    await dataset.setMetadata({ description: 'd' })
    expect((await dataset.getMetadata())[0]).toMatchObject({ description: 'd', labels: { team: 'shop' } })
  },
} satisfies Contract<BigQueryBackend>
