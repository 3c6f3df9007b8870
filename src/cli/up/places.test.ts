import { expect, test } from 'vitest'
import { parseSettings } from '../../settings.ts'
import { placesOf, variablesFor } from './places.ts'

const container = (Service: string, ...ports: readonly number[]) => ({
  Service,
  Publishers: ports.map((TargetPort) => ({ URL: '127.0.0.1', TargetPort, PublishedPort: TargetPort + 10_000 })),
})
const services = [container('generator', 8080), container('table-manager', 8787), container('pipeline', 8081)]
const thirdParty = [container('pubsub', 8085), container('storage', 4443), container('bigquery', 9050, 9060)]
const lines = (containers: readonly object[]) => containers.map((value) => `${JSON.stringify(value)}\n`).join('')

test.each([
  ['lines of third-party emulators', lines([...services, ...thirdParty])],
  ['an array, as older versions list them', JSON.stringify([...services, ...thirdParty])],
  ['embedded emulators, all in one container', lines([...services, container('emulators', 8085, 4443, 9050, 9060)])],
])('the exported variables lead to the published ports: %s', (_what, listed) => {
  const places = placesOf(listed)
  expect(places.generator).toBe('127.0.0.1:18080')
  expect(parseSettings(variablesFor(places))).toMatchObject({
    backend: 'docker',
    endpoints: {
      pubsub: '127.0.0.1:18085',
      storage: '127.0.0.1:14443',
      bigquery: '127.0.0.1:19050',
      bigqueryStorage: '127.0.0.1:19060',
    },
  })
})

test('a service that is not there is named', () => {
  expect(() => placesOf(lines([...services, { Service: 'pubsub', Publishers: null }]))).toThrow('8085 of pubsub')
})
