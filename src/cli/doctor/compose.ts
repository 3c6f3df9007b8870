import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Finding, Group } from './check.ts'

/** The name that docker-compose.yml gives the stack. */
const STACK = 'sluice'

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

const run = promisify(execFile)

/** By their label, so that no Compose plugin has to be there. Why not, where docker cannot be asked. */
async function containers(): Promise<Container[] | string> {
  const filter = `label=com.docker.compose.project=${STACK}`
  const format = '{{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Status}}'
  try {
    const { stdout } = await run('docker', ['ps', '--all', '--filter', filter, '--format', format], { timeout: 8_000 })
    return stdout.split('\n').filter(Boolean).map(parse)
  } catch (thrown) {
    const { code, stderr } = thrown as { code?: unknown; stderr?: string }
    return code === 'ENOENT' ? 'docker is not on the path' : stderr?.trim().split('\n')[0] || String(thrown)
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
    return { status: 'note', detail: `no container of ${STACK} is there`, mend: '`docker compose up -d` starts it.' }
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
