/** The emulators that answer at an address, told apart by what they say to a request that none of them knows. */
const KNOWN = [
  { name: 'Sluice’s emulator', path: '/', says: /is not implemented by this emulator/ },
  { name: 'Google’s emulator', path: '/', says: /^200 Ok$/ },
  { name: 'fake-gcs-server', path: '/_internal/healthcheck', says: /^200 $/ },
  { name: 'goccy’s emulator', path: '/', says: /unexpected request path/ },
] as const

export type Emulator = (typeof KNOWN)[number]['name'] | 'an emulator that is not known here'

/** What listens at `host:port`; throws when nothing does. */
export async function emulatorAt(endpoint: string): Promise<Emulator> {
  const answers = new Map<string, string>()
  for (const { name, path, says } of KNOWN) {
    const answer = answers.get(path) ?? (await answerTo(`http://${endpoint}${path}`))
    answers.set(path, answer)
    if (says.test(answer)) return name
  }
  return 'an emulator that is not known here'
}

async function answerTo(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  return `${response.status} ${(await response.text()).trim()}`
}
