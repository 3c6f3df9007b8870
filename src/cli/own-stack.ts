import { parseSettings } from '../settings.ts'
import { UserError } from './user-error.ts'

/** Whether a command is to bring emulators along, rather than use what runs elsewhere. */
export const hasItsOwnStack = (): boolean => parseSettings().backend === 'embedded'

/** Whoever brings emulators along refuses another backend: running against it would silently be something else. */
export function refuseOtherBackends(): void {
  const { backend } = parseSettings()
  if (backend !== 'embedded') {
    throw new UserError(`this command runs on the embedded emulators only, but SLUICE_BACKEND is ${backend}: unset it.`)
  }
}
