import { systemClock } from '../../../clock/index.ts'
import { runContainer } from '../../../pipeline/index.ts'
import { environmentWith } from '../../settings.ts'
import { interrupted } from '../interrupted.ts'
import { MAIN } from '../itself.ts'

/** As Beam's runners call the boot program of a container, underscores included. */
export interface BootOptions {
  readonly id: string
  readonly provision_endpoint: string
  readonly control_endpoint?: string
  readonly logging_endpoint?: string
}

/** Runs the workers of this container until they are let go or interrupted. What they say is repeated here. */
export const runInContainer = (options: BootOptions): Promise<void> =>
  runContainer({
    id: options.id,
    provision: options.provision_endpoint,
    ...(options.control_endpoint !== undefined && { control: options.control_endpoint }),
    ...(options.logging_endpoint !== undefined && { logging: options.logging_endpoint }),
    command: [process.execPath, ...process.execArgv, MAIN, 'beam-worker'],
    environment: environmentWith,
    clock: systemClock,
    onLine: (line) => console.log(line),
    end: interrupted(),
  })
