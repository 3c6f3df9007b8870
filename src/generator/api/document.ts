import { jsonSchemaTransformObject } from 'fastify-type-provider-zod'

type Transform = typeof jsonSchemaTransformObject
type Document = Extract<ReturnType<Transform>, { components?: object }>

/**
 * The OpenAPI document, tidied up. Each component comes twice, as what is sent and as what is answered: only what
 * something refers to is kept. A body all of whose fields are optional may be left out.
 */
export const documentOf: Transform = (made) => {
  const document = jsonSchemaTransformObject(made) as Document
  const text = JSON.stringify(document)
  const { schemas = {}, ...others } = document.components ?? {}
  const used = Object.entries(schemas).filter(([name]) => text.includes(`"#/components/schemas/${name}"`))
  for (const path of Object.values(document.paths ?? {})) {
    const body = path?.post?.requestBody
    if (body && 'content' in body) body.required = needsBody(body.content['application/json']?.schema)
  }
  return { ...document, components: { ...others, schemas: Object.fromEntries(used) } } as Document
}

/** Fields with a default count as required by JSON Schema's own rules only where they are answered, not sent. */
const needsBody = (schema: object | undefined): boolean =>
  schema !== undefined && 'required' in schema && Array.isArray(schema.required) && schema.required.length > 0
