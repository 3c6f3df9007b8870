import { compose as dockerCompose, dockerIsThere } from '../docker.ts'
import { UserError } from '../user-error.ts'
import type { Finding, Group } from './check.ts'

/** For each of three commands, before the check as a whole counts as one without an answer. */
const SECONDS = 3

interface Container {
  readonly service: string
  /** running, exited, restarting … */
  readonly state: string
  /** `Up 3 minutes (healthy)`, `Exited (0) 2 minutes ago`. */
  readonly status: string
}

export const compose = (): Group => ({
  title: 'Docker',
  checks: [{ name: 'compose stack', run: async () => judged(await containers()) }],
})

/** Of either profile, as Compose finds them. Why not, where it cannot be asked. */
async function containers(): Promise<Container[] | string> {
  const format = '{{.Service}}\t{{.State}}\t{{.Status}}'
  try {
    await dockerIsThere(SECONDS)
    const listed = await dockerCompose(['--profile', '*', 'ps', '--all', '--format', format], { seconds: SECONDS })
    return listed.split('\n').filter(Boolean).map(parse)
  } catch (thrown) {
    if (thrown instanceof UserError) return thrown.message.replaceAll(/\s+/g, ' ')
    throw thrown
  }
}

function parse(line: string): Container {
  const [service = '', state = '', status = ''] = line.split('\t')
  return { service, state, status }
}

function judged(found: Container[] | string): Finding {
  // The emulators may have been started in another way: whether they answer is the endpoints' business.
  if (typeof found === 'string') return { status: 'note', detail: `cannot be looked at: ${found}` }
  if (found.length === 0) {
    return { status: 'note', detail: 'no container is there', mend: '`docker compose up -d` starts it.' }
  }
  const broken = found.filter((one) => !isWell(one))
  if (broken.length === 0) {
    const running = found.filter(({ state }) => state === 'running')
    const ended = found.filter(({ state }) => state !== 'running')
    const named = (containers: readonly Container[]) => containers.map(({ service }) => service).join(', ')
    const detail = `up: ${named(running) || 'nothing'}${ended.length > 0 ? `; ended well: ${named(ended)}` : ''}`
    return { status: running.length > 0 ? 'well' : 'note', detail }
  }
  return {
    status: 'fault',
    detail: broken.map(({ service, status }) => `${service}: ${status}`).join('; '),
    mend: `\`docker compose logs ${broken[0]!.service}\` says why.`,
  }
}

/** A container that did its work and ended, as `provision` does, is well too. */
const isWell = ({ state, status }: Container) =>
  state === 'running' ? !status.includes('(unhealthy)') : state === 'exited' && status.startsWith('Exited (0)')
