import { invalidArgument, unimplemented } from '../../shared/index.ts'
import type { PushTarget } from '../model/settings.ts'
import { refuseFields } from './unsupported.ts'

/** google.pubsub.v1.PushConfig, as far as it is honoured. `pubsub_wrapper` is the default, with or without the field. */
export interface PushConfig {
  pushEndpoint?: string
  attributes?: Record<string, string>
  oidcToken?: { serviceAccountEmail: string; audience: string } | null
}

/** Undefined for a config without an endpoint: the subscription is then pulled. */
export function parsePush(config: PushConfig): PushTarget | undefined {
  const { pushEndpoint: endpoint = '', attributes = {}, oidcToken } = config
  if (endpoint === '') return undefined
  refuseFields('PushConfig', config, ['noWrapper'])
  const foreign = Object.entries(attributes).find(([key, value]) => key !== 'x-goog-version' || value !== 'v1')
  if (foreign) throw unimplemented(`PushConfig.attributes["${foreign[0]}"] = "${foreign[1]}"`)
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw invalidArgument(`Invalid push endpoint given (endpoint=${endpoint}).`)
  }
  return { endpoint, attributes, oidcToken: oidcToken ?? undefined }
}

export const renderPush = ({ endpoint, attributes, oidcToken }: PushTarget): PushConfig => ({
  pushEndpoint: endpoint,
  attributes: { ...attributes },
  ...(oidcToken && { oidcToken }),
})
