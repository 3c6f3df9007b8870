/** The HEALTHCHECK of the container image: asks the sluice command that the container runs. */
import { readFileSync } from 'node:fs'
import { get } from 'node:http'
import { healthOf } from './health.ts'

const { urls, isWell } = healthOf(readFileSync('/proc/1/cmdline', 'utf8').split('\0'))
const unwell = () => {
  process.exitCode = 1
}
for (const url of urls) {
  get(url, (answer) => {
    answer.resume()
    if (!isWell(answer.statusCode)) unwell()
  }).on('error', unwell)
}
