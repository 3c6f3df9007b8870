import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { invalidArgument } from '../../shared/index.ts'
import { composeObject, copyObject, type Destination, type Source } from '../model/copies.ts'
import { parse, parseResource, refuseOthers, text } from './body.ts'
import { baseUrl, type Context, pathOf } from './context.ts'
import { hasSettings, objectResource, objectSettings } from './object-resource.ts'
import {
  defined,
  integer,
  type Parameters,
  PRECONDITIONS,
  parameters,
  preconditions,
  SOURCE_PRECONDITIONS,
  sourceSelection,
} from './parameters.ts'

const COPY = [...PRECONDITIONS, ...SOURCE_PRECONDITIONS] as const

/** objects.copy, rewrite and compose. */
export function copyRoutes(app: FastifyInstance, context: Context): void {
  app.post('/b/:bucket/o/:object/copyTo/b/:toBucket/o/:toObject', async (request) => {
    const query = parameters(request, 'objects.copy', COPY)
    const { from, to } = copied(request, query)
    return objectResource(await copyObject(context, from, to), baseUrl(request))
  })

  /** Always done in one call, so no token is ever given. */
  app.post('/b/:bucket/o/:object/rewriteTo/b/:toBucket/o/:toObject', async (request) => {
    const query = parameters(request, 'objects.rewrite', [...COPY, 'maxBytesRewrittenPerCall', 'rewriteToken'])
    if (query.rewriteToken !== undefined) throw invalidArgument('Invalid rewrite token.')
    const { from, to } = copied(request, query)
    const object = await copyObject(context, from, to)
    return {
      kind: 'storage#rewriteResponse',
      totalBytesRewritten: String(object.size),
      objectSize: String(object.size),
      done: true,
      resource: objectResource(object, baseUrl(request)),
    }
  })

  app.post('/b/:bucket/o/:object/compose', async (request) => {
    const query = parameters(request, 'objects.compose', ['ifGenerationMatch', 'ifMetagenerationMatch'])
    const { bucket, object } = pathOf(request)
    const { sourceObjects, destination, ...others } = parseResource(request.body)
    refuseOthers('objects.compose', others, ['kind'])
    const sources = parse(components, sourceObjects ?? []).map((source) => ({
      bucket: bucket!,
      name: source.name,
      selection: componentSelection(source),
    }))
    const settings = objectSettings(parse(resource, destination ?? {}))
    const to = { bucket: bucket!, name: object!, settings, required: preconditions(query) }
    return objectResource(await composeObject(context, sources, to), baseUrl(request))
  })
}

/** A resource in the request replaces all settings of the source; without one they are copied. */
function copied(request: FastifyRequest, query: Parameters<(typeof COPY)[number]>): { from: Source; to: Destination } {
  const { bucket, object, toBucket, toObject } = pathOf(request)
  const body = parseResource(request.body)
  const settings = objectSettings(body)
  return {
    from: { bucket: bucket!, name: object!, selection: sourceSelection(query) },
    to: {
      bucket: toBucket!,
      name: toObject!,
      ...(hasSettings(body) && { settings }),
      required: preconditions(query),
    },
  }
}

const generation = z.union([z.string(), z.number().transform(String)]).nullish()
const resource = z.record(z.string(), z.unknown())
const components = z.array(
  z.object({
    name: z.string(),
    generation,
    objectPreconditions: z.object({ ifGenerationMatch: generation }).nullish(),
    kind: text,
  }),
)

const componentSelection = (source: z.infer<typeof components>[number]) =>
  defined({
    generation: integer(source.generation ?? undefined, 'generation'),
    generationMatch: integer(source.objectPreconditions?.ifGenerationMatch ?? undefined, 'ifGenerationMatch'),
  })
