import type protobuf from 'protobufjs'

/** How one method is called over HTTP: its `google.api.http` option, taken apart. */
export interface HttpRule {
  readonly verb: string
  /** Matches a path, still percent-encoded; its one group is what the variable stands for. */
  readonly path: RegExp
  /** The field that the path gives, by its way from the request: `['topic', 'name']`. */
  readonly variable: readonly string[]
  /** Whether the body is the rest of the request; there is none otherwise. */
  readonly hasBody: boolean
  readonly method: protobuf.Method
}

const VERBS = ['get', 'put', 'post', 'delete', 'patch'] as const
/** `/v1/{topic=projects/*\/topics/*}:publish`: one variable in each template of Pub/Sub. */
const TEMPLATE = /^([^{}]*)\{([\w.]+)=([^{}]+)\}([^{}]*)$/

/** Of the methods that have one; streams have none. */
export function httpRules(service: protobuf.Service): HttpRule[] {
  return service.methodsArray.flatMap((method) => {
    const option = (method.parsedOptions as Record<string, HttpOption>[] | null)?.find((o) => HTTP in o)?.[HTTP]
    return option ? [httpRule(method, option)] : []
  })
}

const HTTP = '(google.api.http)'
type HttpOption = Partial<Record<(typeof VERBS)[number] | 'body', string>>

function httpRule(method: protobuf.Method, option: HttpOption): HttpRule {
  const verb = VERBS.find((name) => name in option)
  const template = verb && option[verb]
  const [, before, variable, pattern, after] = TEMPLATE.exec(template ?? '') ?? []
  if (!verb || variable === undefined) throw new Error(`${method.fullName}: unknown form of ${JSON.stringify(option)}`)
  // What follows a colon in the last segment names the method; elsewhere it is part of a project's id.
  const segments = `${before}(${pattern})${after}`.replace(/\*(?!.*\/)/, '[^/:]+').replaceAll('*', '[^/]+')
  return {
    verb: verb.toUpperCase(),
    path: new RegExp(`^${segments}$`),
    variable: variable.split('.'),
    hasBody: option.body !== undefined,
    method,
  }
}
