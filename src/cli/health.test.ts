import { expect, test } from 'vitest'
import { healthOf } from './health.ts'

const urlsOf = (commandLine: string) => healthOf(commandLine.split(' ')).urls

test.each([
  ['node --disable-warning=X src/cli/main.ts generator', ['http://127.0.0.1:8080/health']],
  ['/sbin/docker-init -- node src/cli/main.ts generator --host 0.0.0.0 --port 9', ['http://127.0.0.1:9/health']],
  ['node src/cli/main.ts table-manager --port=9', ['http://127.0.0.1:9/health']],
  ['node src/cli/main.ts pipeline --port 8081', ['http://127.0.0.1:8081/health']],
  ['node src/cli/main.ts pipeline', []],
  ['node src/cli/main.ts provision --wait 60', []],
])('%s is asked at %j', (commandLine, urls) => {
  expect(urlsOf(commandLine)).toEqual(urls)
})

test('an emulator is well when it answers at all, a service when it says so', () => {
  expect(urlsOf('node src/cli/main.ts emulators --bigquery-port 9')).toContain('http://127.0.0.1:9/')
  expect(healthOf(['emulators']).isWell(501)).toBe(true)
  expect(healthOf(['generator']).isWell(503)).toBe(false)
})
